#pragma once

#include "cli/program.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cli {

/// One step of a workload on one system.
struct step_options {
  std::string workload;  ///< a name or a .toml file
  std::string on;        ///< a GPU or an instance type
  std::optional<int> gpus;
  std::vector<std::filesystem::path> gpu_specs;  ///< GPUs that the catalogue lacks
};

/// Prints how long it takes and what takes the time.
/// @throws error: usage for what is not known, infeasible for a system that cannot do it.
exit_status predict_step(const global_options& global, const step_options& options);

}  // namespace gpubench::cli
