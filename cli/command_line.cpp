#include "cli/command_line.hpp"

#include "cli/output.hpp"
#include "cli/values.hpp"
#include "core/text.hpp"
#include "core/version.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "http/url.hpp"

namespace gpubench::cli {
namespace {

std::string format_help() {
  std::vector<std::string> names;
  for (const auto& form : report::sinks()) names.push_back(form.name);
  return "form of the result: " + join(names, ", ") + " (default: by the ending of --output, else table)";
}

void add_global_options(CLI::App& app, global_options& global) {
  app.add_option("--profiles", global.profiles, "folder of the catalogue, in place of the shipped one")
      ->type_name("DIR");
  app.add_option("--overlay", global.overlays, "folder whose rows replace and add to the catalogue's; repeatable")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--rate", global.rates, "exchange rate, units of a currency for one USD, as CNY=7.1; repeatable")
      ->type_name("CUR=UNITS")
      ->allow_extra_args(false)
      ->each([](const std::string& text) {
        try {
          static_cast<void>(parse_rate(text));
        } catch (const error& e) {
          refuse_option("--rate", e);
        }
      });
  app.add_option("--format", global.format, format_help())->type_name("FORM")->each([&global](const std::string&) {
    global.format_given = true;
  });
  app.add_option("--output", global.output, "write the result to this file, not to standard output")->type_name("FILE");
  app.add_flag("--quiet", global.quiet, "nothing but errors on standard error");
  app.add_flag("--no-color", global.no_color, "no colour (as the variable NO_COLOR)");
}

// Subcommands understand the global options too; their help says so.
void finish_help(CLI::App& app) {
  std::vector<std::string> globals;
  for (const auto* option : app.get_options([](const CLI::Option* o) { return !o->get_lnames().empty(); })) {
    const auto& name = option->get_lnames().front();
    if (name != "help" && name != "version") globals.push_back("--" + name);
  }
  for (auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    command->fallthrough();
    const std::string shared = "Options of every command: " + join(globals, " ") + " (gpubench --help)";
    const std::string own = command->get_footer();
    command->footer(own.empty() ? shared : own + "\n" + shared);
    for (auto* part : command->get_subcommands([](const CLI::App*) { return true; })) {
      part->fallthrough();
      part->footer(shared);
    }
  }
}

const CLI::App& deepest(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : deepest(*parsed.front());
}

std::string full_name(const CLI::App& command) {
  return command.get_parent() ? full_name(*command.get_parent()) + " " + command.get_name() : command.get_name();
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* scope = &command; scope != nullptr; scope = scope->get_parent())
    for (const auto* option : scope->get_options())
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* part : command.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(part->get_name());
  return names;
}

// CLI11's own message names neither the command nor what was probably meant.
[[noreturn]] void refuse(const CLI::App& app, const CLI::ParseError& cause) {
  const auto& command = deepest(app);
  const std::string name = full_name(command);
  const std::string help = name + " --help";
  const auto extras = app.remaining(true);
  const auto commands = command_names(command);
  for (const auto& extra : extras) {
    if (extra == "--") break;  // behind it stands another command line
    if (extra.size() > 1 && extra.front() == '-') {
      const auto near = suggestion(extra.substr(0, extra.find('=')), option_names(command));
      throw error(error_kind::usage, fmt::format("{} has no option '{}'", name, extra), near.empty() ? help : near);
    }
    if (!commands.empty()) {
      const auto near = suggestion(extra, commands);
      throw error(error_kind::usage, fmt::format("{} has no command '{}'", name, extra),
                  near.empty() ? "known are " + join(commands, ", ") : near);
    }
    throw error(error_kind::usage, fmt::format("{} does not take '{}'", name, extra), help);
  }
  if (!commands.empty())
    throw error(error_kind::usage, name + ": a command is missing", "known are " + join(commands, ", "));
  throw error(error_kind::usage, fmt::format("{}: {}", name, cause.what()), help);
}

void declare_all(CLI::App& app, program& chosen) {
  app.set_version_flag("--version", std::string("gpubench ") + version, "print the version");
  app.set_help_flag("--help,-h", "print this help");
  app.require_subcommand(1);
  add_global_options(app, chosen.global);
  declare_evaluate(app, chosen);
  declare_run(app, chosen);
  declare_collective(app, chosen);
  declare_recommend(app, chosen);
  declare_plan(app, chosen);
  declare_list(app, chosen);
  declare_report(app, chosen);
  declare_seal(app, chosen);
  declare_verify(app, chosen);
  declare_render(app, chosen);
  declare_import(app, chosen);
  declare_compare(app, chosen);
  declare_gate(app, chosen);
  declare_selftest(app, chosen);
  declare_history(app, chosen);
  declare_monitor(app, chosen);
  declare_rightsize(app, chosen);
  declare_fleet(app, chosen);
  declare_predict(app, chosen);
  declare_calibrate(app, chosen);
  declare_validate(app, chosen);
  declare_catalog(app, chosen);
  declare_doctor(app, chosen);
  declare_link(app, chosen);
  declare_tune(app, chosen);
  finish_help(app);
  app.footer("First:  gpubench evaluate\nExit codes and files: docs/cli.md");
}

void check_command_line(std::vector<std::string> words) {
  program other;
  CLI::App app("", "gpubench");
  declare_all(app, other);
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  try {
    app.parse(std::move(words));
  } catch (const CLI::Success&) {
    throw error(error_kind::usage, full_name(deepest(app)) + " would print help or its version, and measure nothing");
  } catch (const CLI::ParseError& e) {
    refuse(app, e);
  }
  if (other.check) other.check();
}

}  // namespace

std::optional<exit_status> parse_command_line(int argc, const char* const* argv, program& chosen) {
  chosen.command_line = "gpubench";
  for (int i = 1; i < argc; ++i) chosen.command_line += " " + shell_word(*std::next(argv, i));
  // It goes into reports and result files.
  chosen.command_line = http::without_passwords(chosen.command_line);
  chosen.check_command_line = check_command_line;

  CLI::App app("Measures what this machine can do and says which cloud instance to rent for a workload, and why.",
               "gpubench");
  declare_all(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    deliver({}, [&](std::ostream& out) { out << app.help(); });
    return exit_status::done;
  } catch (const CLI::CallForVersion&) {
    deliver({}, [&](std::ostream& out) { out << "gpubench " << version << '\n'; });
    return exit_status::done;
  } catch (const CLI::ParseError& e) {
    refuse(app, e);
  }
  if (!chosen.global.format_given) {
    if (const auto* form = report::sink_of_ending(chosen.global.output)) chosen.global.format = form->name;
  }
  return std::nullopt;
}

}  // namespace gpubench::cli
