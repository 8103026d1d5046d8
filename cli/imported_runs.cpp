#include "cli/imported_runs.hpp"

#include "cli/output.hpp"
#include "core/text.hpp"
#include "planner/measured_device.hpp"

#include <fmt/format.h>

#include "predictor/observations.hpp"

namespace gpubench::cli {
namespace {

std::string why_unused(const results::run& run, const profiles::catalogue& known) {
  if (run.environment.gpus.empty()) return "it names no GPU (gpubench import --gpu NAME says which it was)";
  for (const auto& gpu : run.environment.gpus)
    if (known.find_gpu(gpu.name)) return "it times nothing that estimates rest on (docs/importing.md)";
  return fmt::format("the catalogue does not know its GPU, {}", run.environment.gpus.front().name);
}

}  // namespace

void say_how_imports_are_used(const global_options& global, const profiles::catalogue& known,
                              const std::vector<results::run>& runs) {
  for (const auto& run : runs) {
    if (!run.provenance) continue;
    predictor::observation_set operators;
    add_observations(run, known, operators);
    const bool used = !operators.rows.empty() || !planner::measured_devices({run}, known).empty();
    const auto tools = results::tools_of(*run.provenance);
    say(global,
        labelled("Imported", used ? fmt::format("measurements of {} are used where they fit", tools)
                                  : fmt::format("those of {} are not used: {}", tools, why_unused(run, known))));
  }
}

}  // namespace gpubench::cli
