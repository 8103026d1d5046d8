#pragma once

#include "core/error.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cli {

/// Options that every command understands.
struct global_options {
  std::filesystem::path profiles;
  std::vector<std::filesystem::path> overlays;
  std::vector<std::string> rates;  ///< "CUR=UNITS_PER_USD"
  std::string format = "table";
  bool format_given = false;
  std::filesystem::path output;  ///< empty: standard output
  bool quiet = false;
  bool no_color = false;
  std::optional<int> width;  ///< of text, in place of the terminal's; 0 is as wide as wanted
};

/// What the command line said. Parsing fills it and runs nothing; main() then calls the action.
struct program {
  global_options global;
  std::string command_line;             ///< as typed, for the report's "how to reproduce"
  std::function<exit_status()> action;  ///< of the chosen command
  /// Of the chosen command, where it has one: refuses what would be refused on every machine, and looks at nothing of
  /// this one. The action does the same.
  std::function<void()> check;
  /// Refuses another command line of gpubench, as one for nodes, that would be refused on every machine.
  std::function<void(const std::vector<std::string>& words)> check_command_line;
};

// One function a command, in a file of the same name: declares the command on `app` and, when it is chosen, sets
// `chosen.action`. `chosen` must outlive `app`.
void declare_evaluate(CLI::App& app, program& chosen);
void declare_run(CLI::App& app, program& chosen);
void declare_collective(CLI::App& app, program& chosen);
void declare_render(CLI::App& app, program& chosen);
void declare_recommend(CLI::App& app, program& chosen);
void declare_plan(CLI::App& app, program& chosen);
void declare_list(CLI::App& app, program& chosen);
void declare_catalog(CLI::App& app, program& chosen);
void declare_report(CLI::App& app, program& chosen);
void declare_compare(CLI::App& app, program& chosen);
void declare_gate(CLI::App& app, program& chosen);
void declare_selftest(CLI::App& app, program& chosen);
void declare_history(CLI::App& app, program& chosen);
void declare_predict(CLI::App& app, program& chosen);
void declare_calibrate(CLI::App& app, program& chosen);
void declare_validate(CLI::App& app, program& chosen);
void declare_seal(CLI::App& app, program& chosen);
void declare_verify(CLI::App& app, program& chosen);
void declare_import(CLI::App& app, program& chosen);
void declare_doctor(CLI::App& app, program& chosen);
void declare_link(CLI::App& app, program& chosen);
void declare_monitor(CLI::App& app, program& chosen);
void declare_rightsize(CLI::App& app, program& chosen);
void declare_fleet(CLI::App& app, program& chosen);
void declare_tune(CLI::App& app, program& chosen);

}  // namespace gpubench::cli
