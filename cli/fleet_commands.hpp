#pragma once

#include "cli/program.hpp"

namespace gpubench::cli {

// One function a command of `gpubench fleet`, in a file of the same name.
void declare_fleet_plan(CLI::App& fleet, program& chosen);
void declare_fleet_render(CLI::App& fleet, program& chosen);
/// submit and resume
void declare_fleet_submit(CLI::App& fleet, program& chosen);
/// status and collect
void declare_fleet_collect(CLI::App& fleet, program& chosen);
/// task: what manifests call on nodes
void declare_fleet_task(CLI::App& fleet, program& chosen);
void declare_fleet_nodes(CLI::App& fleet, program& chosen);

}  // namespace gpubench::cli
