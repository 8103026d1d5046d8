#pragma once

#include "cli/program.hpp"
#include "planner/calibration.hpp"
#include "profiles/billing.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/language_model.hpp"
#include "profiles/workload.hpp"
#include "results/run.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "predictor/operator_calibration.hpp"

namespace gpubench::cli {

/// What the shipped data and the user's overlays say. Recommendations point into the catalogue: keep it alive.
struct knowledge {
  std::filesystem::path directory;
  profiles::catalogue catalogue;
  std::vector<profiles::workload> workloads;
  planner::calibration efficiencies;
  std::map<std::string, profiles::billing_rule> billing;  ///< by provider
};

/// Overlay folders as given.   @throws error: input for one that is not a directory.
void require_overlays(const global_options& global);

/// The catalogue with the user's overlays and exchange rates, and the GPUs of files with the columns of gpus.csv.
/// @throws error: input or environment as the loaders do.
profiles::catalogue load_catalogue(const global_options& global,
                                   const std::vector<std::filesystem::path>& gpu_specs = {});

/// @throws error: input or environment as the loaders do.
knowledge load_knowledge(const global_options& global);

/// Coefficients of the operator models: the last overlay's that has any, else the shipped ones.
/// @throws error: input or io as the loader does.
predictor::operator_calibration load_operators(const global_options& global);

/// The language models that are known by name.   @throws error: input or io as the loader does.
std::vector<profiles::language_model> load_models(const global_options& global);

/// Earlier runs, all of them or none.   @throws error: io or input, naming the file.
std::vector<results::run> load_runs(const std::vector<std::string>& files);

}  // namespace gpubench::cli
