#pragma once

#include "cli/program.hpp"

namespace gpubench::cli {

/// `gpubench fleet plan`, on the command `fleet`.
void declare_fleet_plan(CLI::App& fleet, program& chosen);

}  // namespace gpubench::cli
