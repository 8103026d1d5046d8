#include "planner/refined_operators.hpp"

#include "planner/prediction.hpp"

#include <algorithm>

#include "predictor/calibrate.hpp"
#include "predictor/observations.hpp"

namespace gpubench::planner {
namespace {

/// Whether every GPU of the run that the catalogue knows has the rates that a model needs.
bool can_be_modelled(const results::run& run, const profiles::catalogue& known) {
  return std::all_of(run.environment.gpus.begin(), run.environment.gpus.end(), [&](const auto& gpu) {
    const profiles::gpu_spec* spec = known.find_gpu(gpu.name);
    if (!spec) return true;
    profiles::instance whole;
    whole.gpu = spec->name;
    whole.gpu_count = 1;
    return device_of(whole, known).found.has_value();
  });
}

}  // namespace

std::optional<predictor::operator_calibration> refine_operators(const predictor::operator_calibration& base,
                                                                const std::vector<results::run>& runs,
                                                                const profiles::catalogue& known) {
  predictor::observation_set measured;
  predictor::calibration_options options;
  for (const results::run& run : runs) {
    if (run.environment.gpus.empty() || !can_be_modelled(run, known)) continue;
    predictor::add_observations(run, known, measured);
    options.source += (options.source.empty() ? "run " : ", run ") + run.started_at;
    if (run.provenance) options.source += " (imported from " + results::tools_of(*run.provenance) + ")";
    options.date = std::max(options.date, run.started_at.substr(0, 10));
  }
  if (measured.rows.empty()) return std::nullopt;
  predictor::operator_calibration refined = predictor::calibrate(measured.rows, base, options).known;
  for (auto& [name, family] : refined.families) {
    const auto before = base.families.find(name);
    if (before != base.families.end()) family.bands = before->second.bands;
  }
  return refined;
}

}  // namespace gpubench::planner
