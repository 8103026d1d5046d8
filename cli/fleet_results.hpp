#pragma once

#include "cli/program.hpp"

#include <string>
#include <vector>

namespace gpubench::cli {

/// The run files to read: each folder of a collected campaign among them is replaced by the run of one node of each of
/// its jobs, the one in the middle, and a line says which that is.
/// @throws error: as fleet::load_usable_collection(), fleet::typical_tasks(); input where nothing was measured
std::vector<std::string> with_fleet_results(const global_options& global, const std::vector<std::string>& names);

}  // namespace gpubench::cli
