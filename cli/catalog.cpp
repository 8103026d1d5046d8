#include "cli/catalog.hpp"

#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "core/file.hpp"

#include <fmt/format.h>

namespace gpubench::cli {
namespace {

std::vector<error> find_all(const global_options& global, const std::filesystem::path& directory) {
  auto findings = profiles::validate_catalogue(directory, global.overlays);
  auto of_workloads = profiles::validate_workloads(directory, global.overlays);
  findings.insert(findings.end(), of_workloads.begin(), of_workloads.end());
  try {
    static_cast<void>(planner::calibration::load(directory));
  } catch (const error& e) {
    findings.push_back(e);
  }
  return findings;
}

exit_status validate(const global_options& global) {
  if (global.format_given && global.format != "table")
    throw error(error_kind::usage, fmt::format("findings have no form '{}'", global.format), "leave --format out");
  require_overlays(global);
  const auto directory = find_data_directory(global.profiles);
  const auto findings = find_all(global, directory);
  deliver(global, [&](std::ostream& out) {
    for (const auto& finding : findings) out << finding.describe() << '\n';
    if (!findings.empty()) {
      out << fmt::format("{} findings in {}\n", findings.size(), directory.string());
      return;
    }
    const auto known = load_knowledge(global);
    const auto& all = known.catalogue;
    std::string places = directory.string();
    for (const auto& overlay : global.overlays) places += " with " + overlay.string();
    out << fmt::format("{}: {} GPUs, {} CPUs, {} instance types, {} prices, {} workloads: no findings\n", places,
                       all.gpus.size(), all.cpus.size(), all.instances.size(), all.prices.size(),
                       known.workloads.size());
  });
  return findings.empty() ? exit_status::done : exit_status::usage;
}

}  // namespace

void declare_catalog(CLI::App& app, program& chosen) {
  auto* catalog = app.add_subcommand("catalog", "Look after the catalogue");
  catalog->require_subcommand(1);
  auto* command = catalog->add_subcommand("validate", "Check every row of the catalogue and its overlays");
  command->callback([&chosen] { chosen.action = [&chosen] { return validate(chosen.global); }; });
  declare_catalog_import(*catalog, chosen);
  declare_catalog_snapshots(*catalog, chosen);
}

}  // namespace gpubench::cli
