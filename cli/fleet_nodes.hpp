#pragma once

#include <CLI/CLI.hpp>

namespace gpubench::cli {

/// The command "fleet" of `app`, made where there is none yet.
CLI::App& fleet_command(CLI::App& app);

}  // namespace gpubench::cli
