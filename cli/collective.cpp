#include "cli/collective_session.hpp"
#include "cli/measuring.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/rank_output.hpp"
#include "cli/values.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace gpubench::cli {
namespace {

using namespace collective;

/// A value of one of the tables of bench/collective/shape.hpp.
template <class Value, std::size_t count>
auto parser_of(const named<Value> (&table)[count], const char* what) {
  return [&table, what](const std::string& text) {
    if (const auto found = value_of(table, text)) return *found;
    std::vector<std::string> names;
    for (const auto& entry : table) names.emplace_back(entry.name);
    const auto near = suggestion(text, names);
    throw error(error_kind::usage, fmt::format("{} '{}' is not known", what, text),
                near.empty() ? "known are " + join(names, ", ") : near);
  };
}

/// "400" gigabits a second, as network cards are named.
double parse_nic_rate(const std::string& text) {
  const auto number = parse_number(text);
  if (!number || *number <= 0 || *number > 1e5)
    throw error(error_kind::usage, fmt::format("'{}' is no rate in gigabits a second", text), "as 400");
  return *number * 1e9 / 8;
}

double parse_whole_bytes(const std::string& text) {
  const double bytes = parse_bytes(text);
  if (bytes != std::floor(bytes))
    throw error(error_kind::usage, fmt::format("size '{}' is no whole number of bytes", text), "as 8, 64KiB or 1.5GB");
  return bytes;
}

/// "NCCL_ALGO=Ring": a variable of a library that moves the data.
std::pair<std::string, std::string> parse_variable(const std::string& text) {
  const auto equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const auto starts = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
  if (equals == std::string::npos || !(starts("NCCL_") || starts("OMPI_MCA_") || starts("UCX_")))
    throw error(error_kind::usage, fmt::format("'{}' sets no variable of NCCL, Open MPI or UCX", text),
                "as NCCL_ALGO=Ring or OMPI_MCA_coll=^hcoll");
  return {name, text.substr(equals + 1)};
}

void check(const global_options& global, const collective_options& options) {
  require_table_format(global, "a table of collectives");
  require_distinct("--run-file", options.run_file, "--output", global.output);
  static_cast<void>(plan_sweeps(options, 2, false));  // refuses absurd sizes before ranks wait for each other
}

exit_status measure(const program& chosen, const collective_options& options) {
  const auto global = for_ranks(chosen.global);
  check(global, options);
  require_output(global);
  const auto file =
      options.run_file.empty() ? new_file_name(options.output_dir, "collective", ".json") : options.run_file;
  // Before MPI or NCCL is started, which read their variables once.
  for (const auto& [name, value] : options.variables) ::setenv(name.c_str(), value.c_str(), 1);
  collective_session session(global, options);
  session.require_cases();
  session.open(file);
  const auto talk = [&](const std::string& line) {
    if (session.is_root()) say(global, line);
  };
  talk(labelled("Ranks", session.description()));
  const bool complete = session.measure();
  exit_status status = complete ? exit_status::done : exit_status::interrupted;
  if (session.is_root()) {
    deliver_table(global, session.table());
    for (const auto& finding : session.findings()) talk(finding);
    talk(labelled("Run file", file.lexically_normal().string()));
    if (!complete) talk("Interrupted: what was measured is in the run file; there is no resuming of collectives");
    if (session.skipped() > 0) talk(count_of(session.skipped(), "measurement") + " skipped");
    if (session.failed() > 0) {
      talk(count_of(session.failed(), "measurement") + " failed");
      if (complete) status = exit_status::measurement_failed;
    }
  }
  if (bench::cuda_device_hangs()) {
    // The driver would wait for the device at an ordinary end.
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(status));
  }
  return status;
}

}  // namespace

void declare_collective(CLI::App& app, program& chosen) {
  auto& command = *app.add_subcommand(
      "collective", "Measure collectives between ranks: mpirun -n 2 gpubench collective --backend host");
  const auto options = std::make_shared<collective_options>();
  auto& o = *options;
  add_value(command, "--backend", o.backend, parse_backend, "NAME",
            "cuda (NCCL; default where every rank has a GPU) or host (MPI on CPUs)");
  add_values(command, "--collective", o.kinds, parser_of(kinds, "collective"), "NAME",
             "only this collective; repeatable (default: all seven)");
  add_values(command, "--type", o.types, parser_of(types, "type"), "NAME",
             "type of the elements; repeatable (default fp32)");
  add_values(command, "--operation", o.operations, parser_of(reductions, "reduction"), "NAME",
             "reduction: sum (default), prod, min, max, avg; repeatable");
  command.add_flag("--in-place", o.in_place, "only in place (default: both)");
  command.add_flag("--out-of-place", o.out_of_place, "only out of place");
  add_value(command, "--min-bytes", o.min_bytes, parse_whole_bytes, "SIZE", "smallest size (default 8)");
  add_value(command, "--max-bytes", o.max_bytes, parse_whole_bytes, "SIZE",
            "largest size (default 1GiB on GPUs, 16MiB on CPUs)");
  add_value(
      command, "--factor", o.factor, [](const std::string& text) { return parse_count(text, 2, 1 << 20); }, "N",
      "from one size to the next (default 2)");
  command.add_flag("--sweep-algos", o.sweep_algorithms, "also force each of NCCL's algorithms and protocols in turn");
  command.add_flag("--no-pairs", o.no_pairs, "do not compare the ranks pair by pair");
  command
      .add_option("--allow", o.allowed, "measure although this differs between ranks, as NCCL or NCCL_ALGO; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [options](const std::vector<std::string>& texts) {
            try {
              for (const auto& text : texts) options->variables.push_back(parse_variable(text));
            } catch (const error& e) {
              refuse_option("--set", e);
            }
          },
          "variable of NCCL, Open MPI or UCX, set on every rank; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  add_value(command, "--nic-rate", o.nic_bytes_per_second, parse_nic_rate, "GIGABITS",
            "gigabits a second of one network card, as 400: tells which ways between nodes are possible");
  add_value(command, "--case-time", o.case_time, parse_duration, "DURATION",
            "at most this long on one size (default 1s)");
  command.add_option("--instance", o.instance, "the instance type of the machines, where DMI does not tell it")
      ->type_name("TYPE");
  auto* directory =
      command.add_option("--output-dir", o.output_dir, "folder of the run file (default: the current one)");
  directory->type_name("DIR");
  command.add_option("--run-file", o.run_file, "name of the run file")->type_name("FILE")->excludes(directory);
  command.callback([&chosen, options] {
    chosen.action = [&chosen, options] { return measure(chosen, *options); };
    chosen.check = [&chosen, options] { check(chosen.global, *options); };
  });
}

}  // namespace gpubench::cli
