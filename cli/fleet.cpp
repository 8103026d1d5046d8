#include "cli/fleet_commands.hpp"

namespace gpubench::cli {

void declare_fleet(CLI::App& app, program& chosen) {
  auto* command =
      app.add_subcommand("fleet", "The same suite on many machines, through the engine that they run under");
  command->require_subcommand(1);
  declare_fleet_plan(*command, chosen);
  declare_fleet_render(*command, chosen);
  declare_fleet_submit(*command, chosen);
  declare_fleet_collect(*command, chosen);
  declare_fleet_task(*command, chosen);
  declare_fleet_nodes(*command, chosen);
}

}  // namespace gpubench::cli
