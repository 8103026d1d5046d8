#pragma once

#include "cli/program.hpp"

namespace gpubench::cli {

// Commands about a machine and its place, declared as those of program.hpp.
void declare_doctor(CLI::App& app, program& chosen);
void declare_link(CLI::App& app, program& chosen);

}  // namespace gpubench::cli
