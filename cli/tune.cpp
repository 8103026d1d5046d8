#include "bench/collective/shape.hpp"
#include "bench/system_files.hpp"
#include "cli/interrupt.hpp"
#include "cli/launched_collective.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "doctor/network.hpp"
#include "tuning/dimensions.hpp"
#include "tuning/search.hpp"

namespace gpubench::cli {
namespace {

struct tune_options {
  bool is_nccl = true;
  std::string collective = "all_reduce";
  std::string type = "fp32";
  std::optional<double> min_bytes, max_bytes;
  int factor = 16;
  std::chrono::duration<double> budget{600}, case_time{1}, launch_limit{300};
  double threshold = 0.02;
  std::vector<std::string> only;  ///< dimensions
  std::vector<std::string> launcher;

  const char* library() const { return is_nccl ? "NCCL" : "Open MPI"; }
};

std::string parse_collective(const std::string& text) {
  std::vector<std::string> names;
  for (const auto& kind : collective::kinds)
    if (kind.value != collective::collective_kind::pair_exchange) names.emplace_back(kind.name);
  if (std::find(names.begin(), names.end(), text) != names.end()) return text;
  const auto near = suggestion(text, names);
  throw error(error_kind::usage, fmt::format("collective '{}' is not known", text),
              near.empty() ? "known are " + join(names, ", ") : near);
}

// "2%" or "0.02", above 0 and below 1.
double parse_gain(std::string_view text) {
  return parse_probability(text);
}

tuning::network_choices find_choices() {
  const auto found = doctor::find_network(bench::system_files());
  // Bridges and ends of containers lead to the same cards.
  const auto is_inner = [](const std::string& name) {
    const auto starts = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
    return name == "lo" || starts("docker") || starts("br-") || starts("veth") || starts("virbr") || starts("cni");
  };
  tuning::network_choices choices;
  for (const auto& one : found.interfaces)
    if (one.is_up && !is_inner(one.name)) choices.interfaces.push_back(one.name);
  for (const auto& one : found.rdma)
    if (!one.active_ports.empty()) choices.rdma.push_back(one.name);
  return choices;
}

std::vector<tuning::dimension> dimensions_of(const tune_options& options) {
  const auto choices = find_choices();
  auto all = options.is_nccl ? tuning::nccl_dimensions(options.collective, choices)
                             : tuning::mpi_dimensions(options.collective, choices);
  if (options.only.empty()) return all;
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one.name);
  for (const auto& wanted : options.only)
    if (std::find(names.begin(), names.end(), wanted) == names.end())
      throw error(error_kind::usage, fmt::format("there is no '{}' to choose for {} here", wanted, options.collective),
                  names.empty() ? "" : "there are " + join(names, ", "));
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const tuning::dimension& one) {
                             return std::find(options.only.begin(), options.only.end(), one.name) == options.only.end();
                           }),
            all.end());
  return all;
}

launch_plan plan_of(const tune_options& options) {
  constexpr double least = 64 * kib;
  const double most =
      options.max_bytes.value_or(std::max(options.is_nccl ? 256 * mib : 4 * mib, options.min_bytes.value_or(0)));
  launch_plan plan;
  plan.launcher = options.launcher;
  plan.arguments = {"--backend",    options.is_nccl ? "cuda" : "host",
                    "--collective", options.collective,
                    "--type",       options.type,
                    "--min-bytes",  fmt::format("{:.0f}", options.min_bytes.value_or(std::min(least, most))),
                    "--max-bytes",  fmt::format("{:.0f}", most),
                    "--factor",     std::to_string(options.factor),
                    "--case-time",  fmt::format("{:.3f}s", options.case_time.count()),
                    "--no-pairs"};
  const auto kind = collective::value_of(collective::kinds, options.collective);
  // One placement is enough; MPI has broadcasts in place alone.
  if (kind && (options.is_nccl || *kind != collective::collective_kind::broadcast))
    plan.arguments.emplace_back("--out-of-place");
  return plan;
}

report::table tried_table(const tuning::search_result& found) {
  report::table rows({{"choice", "choice"},
                      {"setting", "setting"},
                      {"change", "change of time", 3},
                      {"launches", "launches", 4, 1},
                      {"problem", "problem", 4, 2}});
  using value = report::table::value;
  for (const auto& one : found.tried)
    rows.add_row({one.dimension, tuning::to_string(one.variables), one.change ? value(*one.change) : value(),
                  static_cast<double>(one.launches), one.problem.empty() ? value() : value(one.problem)});
  return rows;
}

std::string change_text(const comparison::comparison_row& row) {
  if (!row.change) return std::string(to_string(row.outcome));
  std::string text = fmt::format("{:+.1f} %", 100 * *row.change);
  if (row.change_interval)
    text += fmt::format(" ({:+.1f} to {:+.1f} %)", 100 * row.change_interval->low, 100 * row.change_interval->high);
  return text;
}

json document_of(const tune_options& options, const tuning::search_result& found) {
  const auto optional = [](const std::optional<double>& value) { return value ? json(*value) : json(nullptr); };
  json tried = json::array(), confirmed = json::array();
  for (const auto& one : found.tried)
    tried.push_back({{"choice", one.dimension},
                     {"variables", one.variables},
                     {"change", optional(one.change)},
                     {"launches", one.launches},
                     {"problem", one.problem.empty() ? json(nullptr) : json(one.problem)}});
  if (found.confirmation)
    for (const auto& row : found.confirmation->rows)
      confirmed.push_back({{"benchmark", row.key.name},
                           {"verdict", to_string(row.outcome)},
                           {"own_time_ns", optional(row.base.time_ns)},
                           {"time_ns", optional(row.fresh.time_ns)},
                           {"change", optional(row.change)},
                           {"change_low", row.change_interval ? json(row.change_interval->low) : json(nullptr)},
                           {"change_high", row.change_interval ? json(row.change_interval->high) : json(nullptr)},
                           {"adjusted_p", optional(row.adjusted_p)},
                           {"could_be_slower", comparison::could_be_slower(row, options.threshold)}});
  static const char* const ends[] = {"all tried", "out of budget", "interrupted"};
  return {{"schema", "gpubench.tuning/1"},  {"tool_version", version},
          {"library", options.library()},   {"collective", options.collective},
          {"threshold", options.threshold}, {"end", ends[static_cast<int>(found.end)]},
          {"launches", found.launches},     {"seconds", found.seconds},
          {"keeps", found.keeps},           {"variables", found.keeps ? json(found.candidate) : json::object()},
          {"candidate", found.candidate},   {"reason", found.reason.empty() ? json(nullptr) : json(found.reason)},
          {"confirmation", confirmed},      {"tried", tried}};
}

void write_text(const tune_options& options, const tuning::search_result& found, const report::style& look,
                std::ostream& out) {
  const auto line = [&](const char* label, const std::string& text) { out << labelled(label, text) << '\n'; };
  if (found.keeps) {
    for (const auto& [name, value] : found.candidate) line("Set", fmt::format("{}={}", name, value));
  } else if (found.candidate.empty()) {
    line("Keep", fmt::format("{}'s own choice: no setting looked faster by {:.3g} % or more", options.library(),
                             50 * options.threshold));
  } else {
    line("Keep", fmt::format("{}'s own choice: {} looked faster, and {}", options.library(),
                             tuning::to_string(found.candidate), found.reason));
  }
  if (found.confirmation)
    for (const auto& row : found.confirmation->rows)
      line("", fmt::format("{}: {} of time", row.key.name, change_text(row)));
  out << '\n';
  tried_table(found).write_text(out, look);
}

exit_status tune(const program& chosen, const tune_options& options) {
  const auto& global = chosen.global;
  require_table_format(global, "a tuning");
  require_output(global);
  if (!options.is_nccl && options.launcher.empty())
    throw error(error_kind::usage, "gpubench tune mpi: no launcher is named", "gpubench tune mpi -- mpirun -n 4");
  const auto dimensions = dimensions_of(options);
  auto plan = plan_of(options);
  plan.on_launch = [&](const std::string& setting) { say(global, labelled("Launch", setting)); };
  launched_collective launches(std::move(plan));
  tuning::search_options how;
  how.budget_seconds = options.budget.count();
  how.launch_limit_seconds = options.launch_limit.count();
  how.threshold = options.threshold;
  how.interrupted = interrupt_watch::interrupted;
  const interrupt_watch watch;
  const auto found = tuning::search(launches, dimensions, how);

  if (global.format == "json") {
    deliver(global, [&](std::ostream& out) {
      out << document_of(options, found).dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    });
  } else if (global.format == "table") {
    deliver(global, [&](std::ostream& out) { write_text(options, found, style_for(global), out); });
  } else {
    deliver_table(global, tried_table(found));
  }
  say(global, labelled("Launches", fmt::format("{} in {}{}", found.launches, format_duration(found.seconds),
                                               found.end == tuning::search_end::out_of_budget
                                                   ? "; the budget ended the search before all was tried"
                                                   : "")));
  return found.end == tuning::search_end::interrupted ? exit_status::interrupted : exit_status::done;
}

void declare(CLI::App& tune_command, program& chosen, const char* name, bool is_nccl, const char* what) {
  auto& command = *tune_command.add_subcommand(name, what);
  const auto options = std::make_shared<tune_options>();
  auto& o = *options;
  o.is_nccl = is_nccl;
  add_value(command, "--collective", o.collective, parse_collective, "NAME", "collective to tune for (all_reduce)");
  command.add_option("--type", o.type, "type of the elements (fp32)")->type_name("NAME");
  add_value(command, "--min-bytes", o.min_bytes, parse_bytes, "SIZE", "smallest size that counts (64KiB)");
  add_value(command, "--max-bytes", o.max_bytes, parse_bytes, "SIZE",
            is_nccl ? "largest size that counts (256MiB)" : "largest size that counts (4MiB)");
  add_value(
      command, "--factor", o.factor, [](const std::string& text) { return parse_count(text, 2, 1 << 20); }, "N",
      "from one size to the next (16)");
  add_value(command, "--budget", o.budget, parse_duration, "DURATION", "tune for about so long (10m)");
  add_value(command, "--case-time", o.case_time, parse_duration, "DURATION",
            "at most this long on one size of a launch (1s)");
  add_value(command, "--launch-limit", o.launch_limit, parse_duration, "DURATION",
            "a launch that takes longer hangs, and is ended (5m)");
  add_value(command, "--threshold", o.threshold, parse_gain, "SHARE", "the smallest gain of time that counts (2%)");
  add_values(
      command, "--choose", o.only, [](const std::string& text) { return text; }, "NAME",
      is_nccl ? "only interface, card, algorithm, protocol or channels; repeatable"
              : "only interface, algorithm, 'segment size' or 'eager limit'; repeatable");
  command
      .add_option("launcher", o.launcher,
                  is_nccl ? "after --: what starts the ranks, as mpirun -n 16; none: one process with all its GPUs"
                          : "after --: what starts the ranks, as mpirun -n 4")
      ->type_name("-- LAUNCHER...");
  command.callback([&chosen, options] { chosen.action = [&chosen, options] { return tune(chosen, *options); }; });
}

}  // namespace

void declare_tune(CLI::App& app, program& chosen) {
  auto& command =
      *app.add_subcommand("tune", "Find settings under which collectives are faster than by the library's own choice");
  command.require_subcommand(1);
  declare(command, chosen, "nccl", true, "NCCL on GPUs: interface, algorithm, protocol, channels");
  declare(command, chosen, "mpi", false, "Open MPI on CPU ranks: interface, algorithm, segment size, eager limit");
}

}  // namespace gpubench::cli
