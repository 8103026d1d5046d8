#include "cli/fleet_plan.hpp"
#include "cli/program.hpp"

namespace gpubench::cli {

void declare_fleet(CLI::App& app, program& chosen) {
  auto* command =
      app.add_subcommand("fleet", "The same suite on many machines, through the engine that they run under");
  command->require_subcommand(1);
  declare_fleet_plan(*command, chosen);
}

}  // namespace gpubench::cli
