#pragma once

#include "cli/program.hpp"

namespace gpubench::cli {

/// As those of program.hpp.
void declare_render(CLI::App& app, program& chosen);

}  // namespace gpubench::cli
