#include "cli/kept_files.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/median.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"
#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "link/measured_link.hpp"
#include "link/remote_display.hpp"
#include "link/round_trips.hpp"
#include "link/throughput.hpp"

namespace gpubench::cli {
namespace {

struct endpoint {
  std::string name, host;
};

struct link_options {
  std::string host;
  int port = 22, iperf_port = 5201, count = 20, seconds = 5;
  std::optional<double> dataset_bytes;
  std::vector<endpoint> endpoints;
  std::vector<std::string> displays;
  bool no_throughput = false;
};

constexpr std::chrono::milliseconds patience{2000};

// A name that begins with a dash would be an option of ping and iperf3, and control characters drive terminals.
std::string parse_host(std::string_view text) {
  const auto bad = [](unsigned char c) { return c <= ' ' || c == 127; };
  if (text.empty() || text.front() == '-' || std::any_of(text.begin(), text.end(), bad))
    throw error(error_kind::usage, "that is no name or address of a host", "as gpu.example.org or 192.0.2.7");
  return std::string(text);
}

endpoint parse_endpoint(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw error(error_kind::usage, fmt::format("'{}' names no endpoint", text),
                "as frankfurt=ec2.eu-central-1.amazonaws.com");
  return {std::string(text.substr(0, equals)), parse_host(text.substr(equals + 1))};
}

std::optional<double> known_median(const std::vector<double>& times) {
  return times.empty() ? std::nullopt : std::optional(median_of(times));
}

/// Ping where it is allowed, and TCP connections where it is not or gets no answer.
link::round_trips measure_round_trips(const link_options& options, std::vector<std::string>& problems) {
  std::string why_not;
  const auto pinged = link::ping_times(options.host, options.count, why_not);
  if (pinged && pinged->answered() > 0) return *pinged;
  if (pinged) why_not = "no answer to ping";
  problems.push_back(
      fmt::format("{}: TCP connections were timed instead, whose losses the kernel repeats and hides", why_not));
  return link::connect_times(options.host, options.port, options.count, patience);
}

/// Runs one measurement of iperf3 and keeps why it failed.
template <class Measure>
void try_to(const char* what, std::vector<std::string>& problems, std::optional<error>& first, const Measure& measure) {
  try {
    measure();
  } catch (const error& e) {
    problems.push_back(fmt::format("{}: {}", what, e.what()));
    if (!first) first = e;
  }
}

void measure_throughput(const link_options& options, link::measured_link& found, std::optional<error>& failed) {
  const link::iperf_options iperf{options.host, options.iperf_port, options.seconds};
  try_to("throughput to the host", found.problems, failed,
         [&] { found.up_bytes_per_second = link::measure_tcp(iperf, link::direction::up).bytes_per_second; });
  if (failed) return;  // the same would be said again
  try_to("throughput from the host", found.problems, failed,
         [&] { found.down_bytes_per_second = link::measure_tcp(iperf, link::direction::down).bytes_per_second; });
  // At what a stream of 1080p60 sends, or half of the link where that is less: loss by overload says nothing of the
  // link.
  const double wanted = 20e6;
  const double rate = std::min(wanted, found.down_bytes_per_second.value_or(wanted) * 8 / 2);
  try_to("UDP from the host", found.problems, failed, [&] {
    const auto udp = link::measure_udp(iperf, link::direction::down, rate);
    found.udp_bytes_per_second = udp.sent_bytes_per_second;
    found.udp_lost_fraction = udp.lost_fraction;
    found.udp_jitter_ns = udp.jitter_ns;
  });
}

link::endpoint_latency measure_endpoint(const endpoint& where, const link_options& options) {
  link::endpoint_latency found{where.name, where.host, std::nullopt, ""};
  try {
    constexpr int https = 443, few = 5;
    found.median_ns =
        known_median(link::connect_times(where.host, https, std::min(few, options.count), patience).times_ns);
    if (!found.median_ns) found.problem = fmt::format("no answer on port {}", https);
  } catch (const error& e) {
    found.problem = e.what();
  }
  return found;
}

std::string milliseconds(double nanoseconds) {
  return format_number(nanoseconds / 1e6) + " ms";
}

std::string rate_text(const std::optional<double>& bytes_per_second) {
  return bytes_per_second ? format_si(*bytes_per_second * 8, "bit/s") : "not measured";
}

void write_text(std::ostream& out, const link::measured_link& found) {
  const auto line = [&](const char* label, const std::string& text) { out << labelled(label, text) << '\n'; };
  std::map<link::fitness, std::vector<std::string>> by_fitness;
  for (const auto& verdict : link::judge_all(found)) by_fitness[verdict.verdict].push_back(verdict.need->name);
  const auto all_of = [&](link::fitness value) { return join(by_fitness[value], ", "); };
  if (by_fitness.count(link::fitness::fit)) line("Fit for", all_of(link::fitness::fit));
  if (by_fitness.count(link::fitness::unfit)) line("Unfit for", all_of(link::fitness::unfit));
  if (by_fitness.count(link::fitness::not_known)) line("Not known", all_of(link::fitness::not_known));
  if (found.round_trip_ns) {
    const auto jitter = found.jitter_ns ? milliseconds(*found.jitter_ns) : "not known";
    const auto lost = found.lost_fraction ? fmt::format("{:.3g} % lost", 100 * *found.lost_fraction) : "loss not seen";
    line("Round trip", fmt::format("{} to {} (median, by {}), jitter {}, {}", milliseconds(*found.round_trip_ns),
                                   found.host, found.method, jitter, lost));
  }
  line("Throughput", fmt::format("{} to the host, {} from it (TCP)", rate_text(found.up_bytes_per_second),
                                 rate_text(found.down_bytes_per_second)));
  if (found.udp_lost_fraction && found.udp_jitter_ns)
    line("UDP", fmt::format("{} from the host: {:.3g} % lost, jitter {}", rate_text(found.udp_bytes_per_second),
                            100 * *found.udp_lost_fraction, milliseconds(*found.udp_jitter_ns)));
  if (found.dataset_bytes)
    line("Upload", found.upload_seconds()
                       ? fmt::format("{} takes {} over this link", format_si(*found.dataset_bytes, "B"),
                                     format_duration(*found.upload_seconds()))
                       : fmt::format("of {}: not known without the throughput", format_si(*found.dataset_bytes, "B")));
  if (const auto* nearest = found.nearest())
    line("Nearest", fmt::format("{} ({}), {}", nearest->name, nearest->host, milliseconds(*nearest->median_ns)));
  for (const auto& one : found.endpoints)
    line("", one.median_ns ? fmt::format("{}: {}", one.name, milliseconds(*one.median_ns))
                           : fmt::format("{}: {}", one.name, one.problem));
  out << "Remote pictures\n";
  for (const auto& verdict : link::judge_all(found)) {
    const auto reasons = join(verdict.reasons, "; ");
    out << fmt::format("  {:<10} {:<20} {}{}\n", link::to_string(verdict.verdict), verdict.need->name,
                       verdict.need->what, reasons.empty() ? "" : ": " + reasons);
  }
  line("Not by link",
       "how fast a GPU trains, infers or renders, what an instance costs an hour, and what runs unattended "
       "do not depend on this place, its network or its screen");
}

using value = report::table::value;

/// Every figure under the name that JSON gives it, with its unit; what was not measured has no value.
void add_figures(const link::measured_link& found, report::table& rows) {
  const auto add = [&](const char* name, const std::optional<double>& figure, const char* what) {
    rows.add_row({"figure", name, figure ? value(*figure) : value(), value(), what, value(), value()});
  };
  const auto trip = fmt::format("round trip to {}, median, by {}", found.host, found.method);
  add("round_trip_ns", found.round_trip_ns, trip.c_str());
  add("jitter_ns", found.jitter_ns, "mean absolute difference of round trips that follow each other");
  add("lost_fraction", found.lost_fraction, "round trips without an answer");
  add("up_bytes_per_second", found.up_bytes_per_second, "to the host, TCP");
  add("down_bytes_per_second", found.down_bytes_per_second, "from the host, TCP");
  add("udp_bytes_per_second", found.udp_bytes_per_second, "from the host, UDP, as sent");
  add("udp_lost_fraction", found.udp_lost_fraction, "of it, what did not arrive");
  add("udp_jitter_ns", found.udp_jitter_ns, "of it, one way");
  add("dataset_bytes", found.dataset_bytes, "the data set");
  add("upload_seconds", found.upload_seconds(), "time to bring it to the host");
}

/// All that the text says, a row each: figures, endpoints with their round trip, and what the link is fit for.
report::table link_table(const link::measured_link& found) {
  report::table rows({{"kind", "kind"},
                      {"name", "name"},
                      {"value", "value"},
                      {"verdict", "verdict"},
                      {"what", "what", 4, 2},
                      {"reasons", "reasons", 4, 1},
                      {"source", "source", 4, 3}});
  add_figures(found, rows);
  const auto* nearest = found.nearest();
  for (const auto& one : found.endpoints)
    rows.add_row({"endpoint", one.name, one.median_ns ? value(*one.median_ns) : value(),
                  &one == nearest ? value("nearest") : value(), fmt::format("round_trip_ns to {}", one.host),
                  one.problem.empty() ? value() : value(one.problem), value()});
  for (const auto& verdict : link::judge_all(found))
    rows.add_row({"display", verdict.need->name, value(), std::string(link::to_string(verdict.verdict)),
                  verdict.need->what, join(verdict.reasons, "; "), verdict.need->source});
  return rows;
}

json document_of(const link::measured_link& found) {
  json document = link::to_json(found);
  document["tool_version"] = version;
  json displays = json::array();
  for (const auto& verdict : link::judge_all(found))
    displays.push_back({{"name", verdict.need->name},
                        {"what", verdict.need->what},
                        {"verdict", link::to_string(verdict.verdict)},
                        {"reasons", verdict.reasons},
                        {"source", verdict.need->source}});
  document["displays"] = displays;
  const auto* nearest = found.nearest();
  document["nearest"] = nearest ? json(nearest->name) : json(nullptr);
  return document;
}

exit_status measure_link(const program& chosen, const link_options& options) {
  const auto& global = chosen.global;
  require_table_format(global, "a link");
  require_output_of_kind(global, {}, global.format == "json" ? link::link_schema : "");
  for (const auto& name : options.displays) static_cast<void>(link::find_display_need(name));
  link::require_known_host(options.host);

  link::measured_link found;
  found.host = options.host;
  found.made_at = format_utc(std::chrono::system_clock::now());
  found.dataset_bytes = options.dataset_bytes;
  const auto trips = measure_round_trips(options, found.problems);
  found.method = trips.method;
  found.round_trip_ns = known_median(trips.times_ns);
  found.jitter_ns = trips.jitter_ns();
  // Of connections the kernel repeats what was lost, so that nothing seems to be.
  if (trips.method == "ping") found.lost_fraction = trips.lost_fraction();
  std::optional<error> failed;
  if (trips.times_ns.empty())
    throw error(error_kind::device, fmt::format("{} does not answer: {} tried", options.host, trips.method),
                "see that the machine runs and its firewall lets this place in; --port names another port");
  if (!options.no_throughput) measure_throughput(options, found, failed);
  for (const auto& where : options.endpoints) found.endpoints.push_back(measure_endpoint(where, options));

  if (global.format == "json") {
    deliver(global, [&](std::ostream& out) {
      out << document_of(found).dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    });
  } else if (global.format == "table") {
    deliver(global, [&](std::ostream& out) { write_text(out, found); });
  } else {
    deliver_table(global, link_table(found));
  }
  for (const auto& problem : found.problems) say(global, labelled("Note", problem));
  if (failed) {
    if (!failed->hint().empty()) say(global, labelled("Hint", failed->hint()));
    return exit_status_of(failed->kind());
  }
  bool unfit = false;
  for (const auto& name : options.displays)
    unfit = unfit || link::judge(link::find_display_need(name), found).verdict != link::fitness::fit;
  say(global, labelled("Next", global.output.empty() || global.format != "json"
                                   ? fmt::format("gpubench link {} --format json --output link.json", options.host)
                                   : fmt::format("gpubench recommend WORKLOAD --link {}", global.output.string())));
  return unfit ? exit_status::answer_is_no : exit_status::done;
}

}  // namespace

void declare_link(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand(
      "link",
      "Measure the link from here to a machine: is it fit for remote pictures, and how long does an upload take");
  const auto options = std::make_shared<link_options>();
  command
      ->add_option_function<std::string>(
          "host",
          [options](const std::string& text) {
            try {
              options->host = parse_host(text);
            } catch (const error& e) {
              refuse_option("HOST", e);
            }
          },
          "name or address of the machine")
      ->type_name("HOST")
      ->required();
  const auto port = [](const std::string& text) { return parse_count(text, 1, 65535); };
  add_value(*command, "--port", options->port, port, "PORT",
            "port to which TCP connections are timed where ping gets no answer; a refusal counts as one (22)");
  add_value(*command, "--iperf-port", options->iperf_port, port, "PORT",
            "port of 'iperf3 --server' on the machine (5201)");
  add_value(
      *command, "--count", options->count, [](const std::string& text) { return parse_count(text, 2, 1000); }, "N",
      "round trips to measure (20)");
  add_value(
      *command, "--seconds", options->seconds, [](const std::string& text) { return parse_count(text, 1, 60); }, "N",
      "how long each of the three throughput measurements takes (5)");
  add_value(*command, "--dataset", options->dataset_bytes, parse_bytes, "SIZE",
            "say how long uploading this much takes, as 100GB");
  add_values(*command, "--endpoint", options->endpoints, parse_endpoint, "NAME=HOST",
             "a place that could be rented: which is nearest; repeatable");
  add_values(
      *command, "--display", options->displays, [](const std::string& text) { return text; }, "NAME",
      "exit 1 unless the link is fit for this remote display, as 1080p60-h264; repeatable");
  command->add_flag("--no-throughput", options->no_throughput, "round trips alone: no iperf3");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return measure_link(chosen, *options); }; });
}

}  // namespace gpubench::cli
