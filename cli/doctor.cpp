#include "cli/output.hpp"
#include "cli/program.hpp"
#include "core/encoding.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <memory>

#include "doctor/diagnosis.hpp"
#include "doctor/gather.hpp"
#include "doctor/lock.hpp"

namespace gpubench::cli {
namespace {

struct doctor_options {
  bool as_json = false, all = false;
  std::filesystem::path root = "/";
  std::filesystem::path node;
  std::filesystem::path against, write;
};

std::string cost_text(const doctor::likely_cost& cost) {
  if (!cost.lost_fraction) return cost.words;
  return fmt::format("{}: {:.0f} % of the rate is lost ({})", cost.words, 100 * *cost.lost_fraction, cost.source);
}

std::string counts_text(const doctor::diagnosis& found) {
  using doctor::severity;
  return fmt::format("{}, {}, {}", count_of(found.count(severity::error), "error"),
                     count_of(found.count(severity::warning), "warning"),
                     count_of(found.count(severity::note), "note"));
}

void write_findings(std::ostream& out, const doctor::diagnosis& found, bool all) {
  using doctor::check_state;
  out << labelled("Doctor", found.has_errors() ? "this machine is not ready: " + counts_text(found)
                                               : "nothing keeps work from running: " + counts_text(found))
      << '\n'
      << labelled("Checks", fmt::format("{} passed, {} found something, {} could not look{}",
                                        found.count(check_state::passed), found.count(check_state::found),
                                        found.count(check_state::not_checked), all ? "" : " (--all says why)"))
      << '\n';
  for (const auto& one : found.findings) {
    // Names of nodes, labels and files come from elsewhere.
    out << '\n' << labelled(doctor::to_string(one.level), printable(one.what)) << '\n';
    const auto part = [&](const char* name, const std::string& text) {
      if (!text.empty()) out << "  " << fmt::format("{:<13}{}", name, printable(text)) << '\n';
    };
    part("why", one.why);
    part("cost", cost_text(one.cost));
    part("mend", one.mend);
    part("check", one.check);
    for (const auto& evidence : one.evidence) part("seen", evidence);
  }
  if (!all) return;
  out << '\n';
  for (const auto& check : found.checks) {
    const auto state = std::string(doctor::to_string(check.state));
    out << fmt::format("{:<13}  {:<26}{}\n", state, check.id,
                       check.reason.empty() ? check.title : check.title + ": " + check.reason);
  }
}

report::table findings_table(const doctor::diagnosis& found) {
  report::table rows({{"severity", "severity"},
                      {"check", "check"},
                      {"what", "what"},
                      {"why", "why", 4, 3},
                      {"cost", "cost in speed", 4, 2},
                      {"lost_fraction", "lost fraction", 3, 2},
                      {"mend", "how to mend", 4, 1}});
  const auto known = [](const std::optional<double>& fraction) {
    return fraction ? report::table::value(*fraction) : report::table::value();
  };
  for (const auto& one : found.findings)
    rows.add_row({std::string(doctor::to_string(one.level)), one.check, one.what, one.why, one.cost.words,
                  known(one.cost.lost_fraction), one.mend});
  return rows;
}

std::string next_command(const doctor::diagnosis& found, const doctor::facts& machine, const doctor_options& options) {
  if (found.has_errors()) return "mend the first error, then gpubench doctor again";
  if (!machine.has_nvidia_device()) return "gpubench recommend WORKLOAD";
  if (options.against.empty() && options.write.empty()) return "gpubench doctor --write fleet.lock";
  return "gpubench run --suite quick";
}

exit_status examine(const program& chosen, const doctor_options& options) {
  auto global = chosen.global;
  require_table_format(global, "a diagnosis");
  if (options.as_json) {
    if (global.format_given && global.format != "json")
      throw error(error_kind::usage, fmt::format("--json and --format {} name two forms", global.format),
                  "give one of them: --json is --format json; known are table, json, csv, markdown");
    global.format = "json";
  }
  require_output(global, {options.node, options.against});
  require_apart("--write", options.write, {options.node, options.against});
  require_outside_catalogue(global, "--write", options.write);
  require_distinct("--write", options.write, "--output", global.output);
  if (options.root != "/" && !std::filesystem::is_directory(options.root))
    throw error(error_kind::usage, fmt::format("--root: '{}' is no folder", options.root.string()));
  if (!std::filesystem::is_directory(options.root / "proc") && !std::filesystem::is_directory(options.root / "sys"))
    throw error(error_kind::usage, fmt::format("--root: '{}' holds neither proc nor sys", options.root.string()),
                "it stands for / of a machine");
  const auto known = doctor::load_compatibility(find_data_directory(global.profiles));
  std::optional<doctor::version_lock> reference;
  if (!options.against.empty()) reference = doctor::load_lock(options.against);

  auto machine = doctor::gather_facts(options.root.string());
  if (!options.node.empty()) machine.node = doctor::load_kubernetes_node(options.node);
  auto found = doctor::diagnose(machine, known);
  const auto here = doctor::lock_of(machine);
  if (reference)
    doctor::add_findings(found, {"lock", "versions are those of " + reference->source, doctor::check_state::passed, ""},
                         doctor::compare_locks(*reference, here));
  if (!options.write.empty()) doctor::save_lock(options.write, here);

  if (global.format == "table") {
    deliver(global, [&](std::ostream& out) { write_findings(out, found, options.all); });
  } else if (global.format == "json") {
    deliver(global, [&](std::ostream& out) {
      out << doctor::to_json(found, machine).dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    });
  } else {
    deliver_table(global, findings_table(found));
  }
  if (!options.write.empty()) say(global, labelled("Lock file", options.write.string()));
  say(global, labelled("Next", next_command(found, machine, options)));
  return found.has_errors() ? exit_status::environment : exit_status::done;
}

}  // namespace

void declare_doctor(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand(
      "doctor", "Find what keeps this machine from working, or makes it slow, and how to mend it; exit 4 on errors");
  const auto options = std::make_shared<doctor_options>();
  command->add_flag("--json", options->as_json, "as --format json");
  command->add_flag("--all", options->all, "list every check, and why some could not look");
  command->add_option("--against", options->against, "hold versions to this lock file or run file")->type_name("FILE");
  command->add_option("--write", options->write, "write the versions of this machine as a lock file")
      ->type_name("FILE");
  command->add_option("--node", options->node, "what 'kubectl get node NAME -o json' printed of this machine")
      ->type_name("FILE");
  command->add_option("--root", options->root, "a recorded tree, or a host's files mounted here, in place of /")
      ->type_name("DIR");
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return examine(chosen, *options); }; });
}

}  // namespace gpubench::cli
