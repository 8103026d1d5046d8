#pragma once

#include <string>
#include <vector>

#include "fleet/engine.hpp"

namespace gpubench::fleet {

/// Why a submission is not handed over under whose key the engine has other tasks: a copy of the campaign's folder went
/// its own way.
/// @param theirs  "task 0"   @param there  what the engine calls it: "Slurm's job 17"
submission_refused refused_for_copy(const submission& what, const std::string& theirs, const std::string& there);

/// "task 0", "tasks 0-3,7"
std::string tasks_in_words(const std::vector<int>& tasks);

}  // namespace gpubench::fleet
