#pragma once

#include "cli/program.hpp"
#include "core/error.hpp"

#include <optional>

namespace gpubench::cli {

/// Reads the command line into `chosen`.
/// @return an exit status when there is nothing more to do, after --help or --version.
/// @throws error: usage, with the nearest command or option names.
std::optional<exit_status> parse_command_line(int argc, const char* const* argv, program& chosen);

}  // namespace gpubench::cli
