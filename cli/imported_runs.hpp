#pragma once

#include "cli/program.hpp"
#include "profiles/catalogue.hpp"
#include "results/run.hpp"

#include <vector>

namespace gpubench::cli {

/// One line for each imported run: that estimates rest on it and which tool measured it, or why they do not.
void say_how_imports_are_used(const global_options& global, const profiles::catalogue& known,
                              const std::vector<results::run>& runs);

}  // namespace gpubench::cli
