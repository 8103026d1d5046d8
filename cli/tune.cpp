#include "bench/collective/shape.hpp"
#include "cli/interrupt.hpp"
#include "cli/launched_collective.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/tune_ranks.hpp"
#include "cli/tuning_output.hpp"
#include "cli/values.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <utility>

#include "tuning/dimensions.hpp"
#include "tuning/search.hpp"

namespace gpubench::cli {
namespace {

std::string parse_collective(const std::string& text) {
  std::vector<std::string> names;
  for (const auto& kind : collective::kinds)
    if (kind.value != collective::collective_kind::pair_exchange) names.emplace_back(kind.name);
  if (std::find(names.begin(), names.end(), text) != names.end()) return text;
  const auto near = suggestion(text, names);
  throw error(error_kind::usage, fmt::format("collective '{}' is not known", text),
              near.empty() ? "known are " + join(names, ", ") : near);
}

bool is_of_network(const std::string& dimension) {
  return dimension == "interface" || dimension == "card";
}

std::vector<tuning::dimension> dimensions_of(const tune_options& options, const tuning::network_choices& network) {
  auto all = options.is_nccl ? tuning::nccl_dimensions(options.collective, network)
                             : tuning::mpi_dimensions(options.collective, network);
  if (options.only.empty()) return all;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const tuning::dimension& one) {
                             return std::find(options.only.begin(), options.only.end(), one.name) == options.only.end();
                           }),
            all.end());
  return all;
}

/// Refuses what no ranks have to choose, before any is started.
void require_choices(const tune_options& options) {
  auto every = options;
  every.only.clear();
  std::vector<std::string> names;
  for (const auto& one : dimensions_of(every, {{"a", "b"}, {"a", "b"}})) names.push_back(one.name);
  for (const auto& wanted : options.only)
    if (std::find(names.begin(), names.end(), wanted) == names.end())
      throw error(error_kind::usage, fmt::format("there is no '{}' to choose for {}", wanted, options.collective),
                  "there are " + join(names, ", "));
}

/// "OMPI_MCA_coll_tuned_allreduce_algorithm=5".
std::string ground_of(const tuning::dimension& one) {
  std::vector<std::string> all;
  for (const auto& [name, values] : one.on_top_of)
    all.push_back(name + "=" + join({values.begin(), values.end()}, ", "));
  return join(all, " ");
}

/// Refuses a choice that nothing can give its effect: neither another choice nor what is set already.
void require_ground(const tune_options& options, const std::vector<tuning::dimension>& dimensions) {
  for (const auto& one : dimensions) {
    tuning::setting already;
    for (const auto& [name, values] : one.on_top_of)
      if (const char* value = std::getenv(name.c_str())) already[name] = value;
    for (const auto& set : tuning::read_launcher(options.launcher).set) already[set.name] = set.value;
    const auto gives_it = [&](const tuning::setting& variables) { return one.has_effect_on_top_of(variables); };
    if (gives_it(already) || std::any_of(dimensions.begin(), dimensions.end(), [&](const tuning::dimension& other) {
          return std::any_of(other.choices.begin(), other.choices.end(), gives_it);
        }))
      continue;
    throw error(error_kind::usage,
                fmt::format("the {} of {} has an effect under some algorithms only", one.name, options.collective),
                fmt::format("add --choose algorithm, or set {}", ground_of(one)));
  }
}

/// Of the ranks' machines, not of this one, which may be a login node. One process is on one machine.
tuning::network_choices ask_for_network(const tune_options& options, const launched_collective& launches,
                                        const global_options& global) {
  const bool asks = options.only.empty() || std::any_of(options.only.begin(), options.only.end(), is_of_network);
  if (!asks || options.launcher.empty()) return {};
  const auto ranks = launches.ask_ranks(options.launch_limit.count());
  std::set<std::string> hosts;
  for (const auto& rank : ranks) hosts.insert(rank.host);
  auto found = tuning::shared_choices(ranks);
  std::string text = fmt::format("{} on {}", count_of(ranks.size(), "rank"), count_of(hosts.size(), "machine"));
  if (!found.interfaces.empty()) text += "; interfaces that all have: " + join(found.interfaces, ", ");
  if (!found.rdma.empty()) text += "; cards that all have: " + join(found.rdma, ", ");
  say(global, labelled("Ranks", text));
  return found;
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

/// What the launcher's command line fixes of what is to be chosen is no choice of the library's own.
void note_what_is_fixed(const tune_options& options, const std::vector<tuning::dimension>& dimensions,
                        const global_options& global) {
  std::set<std::string> names;
  for (const auto& one : dimensions)
    for (const auto& choice : one.choices)
      for (const auto& [name, ignored] : choice) names.insert(name);
  for (const auto& one : tuning::read_launcher(options.launcher).set)
    if (names.count(one.name) > 0)
      say(global,
          labelled("Note", fmt::format("the launcher sets {}={}: what {} chooses under that is its own choice here",
                                       one.name, one.value, options.library())));
}

exit_status tune(const program& chosen, const tune_options& options) {
  const auto& global = chosen.global;
  require_table_format(global, "a tuning");
  require_output(global);
  if (!options.is_nccl && options.launcher.empty())
    throw error(error_kind::usage, "gpubench tune mpi: no launcher is named", "gpubench tune mpi -- mpirun -n 4");
  require_choices(options);
  require_ground(options, dimensions_of(options, {}));
  auto plan = plan_of(options);
  auto launched = plan.arguments;
  launched.insert(launched.begin(), "collective");
  chosen.check_command_line(launched);  // what every launch would refuse
  plan.on_launch = [&](const std::string& setting) { say(global, labelled("Launch", setting)); };
  const interrupt_watch watch;  // before the launches, so that it outlives their folder
  launched_collective launches(std::move(plan));
  tuning::network_choices network;
  try {
    network = ask_for_network(options, launches, global);
  } catch (const error&) {
    if (!interrupt_watch::interrupted()) throw;  // else the ranks were interrupted too
  }
  if (interrupt_watch::interrupted()) return exit_status::interrupted;
  const auto dimensions = dimensions_of(options, network);
  if (dimensions.empty())
    throw error(error_kind::environment, fmt::format("there is no choice of {} here", join(options.only, " or ")),
                "the machines of all ranks must have two, and be more than one: LAUNCHER... gpubench tune ranks");
  note_what_is_fixed(options, dimensions, global);
  tuning::search_options how;
  how.budget_seconds = options.budget.count();
  how.launch_limit_seconds = options.launch_limit.count();
  how.threshold = options.threshold;
  how.interrupted = interrupt_watch::interrupted;
  const auto found = tuning::search(launches, dimensions, how);
  for (const auto& one : dimensions)
    if (std::count(found.left_out.begin(), found.left_out.end(), one.name) > 0)
      say(global, labelled("Note", fmt::format("no {} was tried: it has an effect with {} only, which is not what "
                                               "looked fastest",
                                               one.name, ground_of(one))));

  if (global.format == "json") {
    deliver(global, [&](std::ostream& out) {
      out << tuning_document(options, found).dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    });
  } else if (global.format == "table") {
    deliver(global, [&](std::ostream& out) { write_tuning(options, found, style_for(global), out); });
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
  add_value(command, "--threshold", o.threshold, parse_probability, "SHARE",
            "the smallest gain of time that counts (2%)");
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
  declare_tune_ranks(command, chosen);
  declare(command, chosen, "mpi", false, "Open MPI on CPU ranks: interface, algorithm, segment size, eager limit");
}

}  // namespace gpubench::cli
