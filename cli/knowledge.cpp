#include "cli/knowledge.hpp"

#include "cli/values.hpp"
#include "core/file.hpp"
#include "core/units.hpp"

#include <chrono>
#include <cstddef>
#include <system_error>

namespace gpubench::cli {

void require_overlays(const global_options& global) {
  for (const auto& overlay : global.overlays) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(overlay, ignored))
      throw error(error_kind::input, {overlay.string(), 0, 0}, "--overlay names no directory",
                  "an overlay is a folder with some of the catalogue's files: docs/cli.md, \"Overlays\"");
  }
}

profiles::catalogue load_catalogue(const global_options& global, const std::vector<std::filesystem::path>& gpu_specs) {
  require_overlays(global);
  for (const auto& file : gpu_specs) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored))
      throw error(error_kind::input, {file.string(), 0, 0}, "--gpu-spec names no file",
                  "a table with the columns of gpus.csv, a GPU a row: docs/cli.md, \"Predictions\"");
  }
  auto known = profiles::load_catalogue(find_data_directory(global.profiles), global.overlays, gpu_specs);
  const std::string today = format_utc(std::chrono::system_clock::now()).substr(0, 10);
  for (const auto& text : global.rates) {
    const auto [currency, units] = parse_rate(text);
    known.rates.set(currency, {units, today, "--rate"});
  }
  return known;
}

knowledge load_knowledge(const global_options& global) {
  knowledge all;
  all.directory = find_data_directory(global.profiles);
  all.catalogue = load_catalogue(global);
  all.billing = profiles::load_billing_rules(all.directory, global.overlays);
  all.workloads = profiles::load_workloads(all.directory, global.overlays);
  all.efficiencies = planner::calibration::load(all.directory);
  all.efficiencies.use_operators(load_operators(global));
  return all;
}

predictor::operator_calibration load_operators(const global_options& global) {
  std::filesystem::path directory = find_data_directory(global.profiles);
  for (const auto& overlay : global.overlays) {
    if (std::filesystem::exists(overlay / predictor::calibration_file)) directory = overlay;
  }
  return predictor::load_operator_calibration(directory);
}

std::vector<profiles::language_model> load_models(const global_options& global) {
  return profiles::load_language_models(find_data_directory(global.profiles), global.overlays);
}

namespace {

// By another path, a link or "./" it is the same file, and its figures must not count twice.
void require_distinct(const std::vector<std::string>& files) {
  std::error_code absent;  // refused where it is read
  for (std::size_t i = 0; i < files.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (std::filesystem::equivalent(files[i], files[j], absent))
        throw error(error_kind::usage,
                    files[i] == files[j] ? "a run file is named twice: " + files[i]
                                         : "a run file is named twice: " + files[j] + " and " + files[i],
                    "name each once");
}

}  // namespace

std::vector<results::run> load_runs(const std::vector<std::string>& files) {
  require_distinct(files);
  std::vector<results::run> runs;
  runs.reserve(files.size());
  for (const auto& file : files) runs.push_back(results::load_run(file));
  return runs;
}

}  // namespace gpubench::cli
