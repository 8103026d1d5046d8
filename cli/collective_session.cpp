#include "cli/collective_session.hpp"

#include "bench/clock.hpp"
#include "bench/collective/fit.hpp"
#include "bench/collective/network.hpp"
#include "cli/collective_pairs.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/rank_errors.hpp"
#include "cli/run_files.hpp"
#include "core/host_name.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>
#include <utility>

namespace gpubench::cli {
namespace {

using namespace collective;

report::table empty_table() {
  return report::table({{"collective", "collective"},
                        {"bytes", "size", 12},
                        {"type", "type"},
                        {"operation", "reduction", 4, 2},
                        {"placement", "placement", 4, 1},
                        {"algorithm", "algorithm", 4, 3},
                        {"time_us", "time us", 4},
                        {"algbw_gb_per_second", "algbw GB/s", 4},
                        {"busbw_gb_per_second", "busbw GB/s", 4},
                        {"wrong_elements", "wrong", 12},
                        {"status", "status"}});
}

bench::sampling_policy policy_of(const collective_options& options) {
  bench::sampling_policy policy;
  policy.warmup_time = bench::seconds(0.01);
  policy.min_time = bench::seconds(0.05);
  policy.time_limit = options.case_time;
  policy.relative_half_width = 0.01;
  return policy;
}

std::optional<double> wrong_elements(const results::measurement& m) {
  if (!m.verification) return std::nullopt;
  return m.verification->error;
}

std::string text_parameter(const results::measurement& m, std::string_view name) {
  for (const auto& [key, value] : m.params) {
    if (const auto* text = std::get_if<std::string>(&value); key == name && text != nullptr) return *text;
  }
  return "";
}

}  // namespace

collective_session::collective_session(const global_options& global, const collective_options& options)
    : global_(global), options_(options), ranks_(global, options), table_(empty_table()) {
  watch_ = std::make_unique<progress_watch>(2 * patience(), [this](const std::string& step) { give_up(step); });
}

collective_session::~collective_session() = default;

void collective_session::open(const std::filesystem::path& file) {
  std::optional<error> problem;
  if (is_root()) {
    try {
      require_replaceable(file);
      results::run head;
      head.started_at = format_utc(std::chrono::system_clock::now());
      head.id = fmt::format("{}-{:08x}", head.started_at, std::random_device()());
      head.tool_version = version;
      head.suite = "custom";
      head.environment = ranks_.machine();
      head.ranks = ranks_.places();
      writer_ = std::make_unique<results::run_writer>(file, std::move(head));
    } catch (const error& e) {
      problem = e;
    }
  }
  std::int32_t opened = problem ? 0 : 1;
  ranks_.between().broadcast(&opened, sizeof opened);
  if (problem) throw common_error(*problem);
  if (opened == 0) throw common_error(error_kind::io, "rank 0 cannot write the run file");
}

void collective_session::require_cases() const {
  const auto refuse_on_cpus = [&](bool asked_for, const char* option, const char* why) {
    if (asked_for && !ranks_.on_gpus())
      throw common_error(error_kind::usage, fmt::format("{}: {}; these are CPU ranks over MPI", option, why),
                         fmt::format("leave out {}, or start a rank for each GPU", option));
  };
  refuse_on_cpus(options_.sweep_algorithms, "--sweep-algos", "only NCCL's algorithms can be forced");
  refuse_on_cpus(options_.nic_bytes_per_second.has_value(), "--nic-rate",
                 "it says something where each rank has a network card, as each GPU of a node often has");
  for (const auto& sweep : plan_sweeps(options_, ranks_.ranks(), ranks_.on_gpus())) {
    if (!sweep.cases.empty()) return;
  }
  throw common_error(
      error_kind::usage, "these options leave no collective to measure",
      "all_to_all and send_recv have no form in place, and MPI on CPUs has no average, no reduction of fp16 or "
      "bf16, and broadcasts only in place");
}

bool collective_session::measure() {
  const interrupt_watch interrupts;
  for (const auto& warning : ranks_.warnings()) findings_.push_back(warning);
  if (options_.nic_bytes_per_second && ranks_.nodes() < 2)
    findings_.push_back("--nic-rate says nothing here: all ranks are on one node");
  bool complete = true;
  for (const auto& sweep : plan_sweeps(options_, ranks_.ranks(), ranks_.on_gpus())) {
    complete = measure_sweep(sweep);
    if (!complete) break;
  }
  // In one process the copies between peers tell the same, pair by pair.
  if (complete && ranks_.are_processes() && !options_.no_pairs) complete = measure_pairs();
  if (is_root() && complete) writer_->finish();
  return complete;
}

/// Rank 0's word on every rank.
bool collective_session::goes_on(const collective_result& result) {
  watch_->step(wait_for_root("what comes next"));
  std::int32_t value = result.interrupted ? 0 : 1;
  ranks_.between().broadcast(&value, sizeof value);
  watch_->rest();
  return value != 0;
}

surroundings collective_session::surroundings_of_a_case() {
  return {ranks_.between(),    ranks_.moves(),    *watch_,
          policy_of(options_), bench::steady_now, interrupt_watch::interrupted,
          ranks_.names()};
}

bool collective_session::measure_sweep(const collective_sweep& sweep) {
  auto with = surroundings_of_a_case();
  std::vector<results::measurement> last;  // the largest size so far, which the fit is noted with
  std::vector<timed_size> points;
  bool complete = true;
  for (const auto& what : sweep.cases) {
    auto result = collective::measure(what, with);
    complete = goes_on(result);
    if (is_root()) {
      // Into the file at once: a rank that dies or hangs must not cost the sizes before.
      write(last);
      note_nic_rate(result.measurement, what);
      take(std::move(result), last);
      if (!last.empty() && last.back().status == results::measurement_status::ok && last.back().time_ns)
        points.push_back({last.back().work.bytes.value_or(0), last.back().time_ns->median});
    }
    if (!complete) break;
  }
  if (is_root()) {
    if (!last.empty()) note_fit(sweep, points, last.back());
    write(last);
  }
  return complete;
}

void collective_session::take(collective_result result, std::vector<results::measurement>& held) {
  auto& m = result.measurement;
  // Interrupted before its first sample, a case has nothing to tell.
  if (result.interrupted && m.samples_ns.empty()) return;
  for (const auto& warning : ranks_.warnings()) m.warnings.push_back(warning);
  if (m.status == results::measurement_status::failed) {
    ++failed_;
    say(global_, fmt::format("{}: {}", results::full_name(m), m.reason));
  }
  if (m.status == results::measurement_status::skipped) ++skipped_;
  add_row(m);
  held.push_back(std::move(m));
}

void collective_session::write(std::vector<results::measurement>& measured) {
  for (auto& m : measured) writer_->add(std::move(m));
  measured.clear();
}

void collective_session::note_fit(const collective_sweep& sweep, const std::vector<timed_size>& points,
                                  results::measurement& largest) {
  constexpr std::size_t fewest_sizes = 3;
  if (points.size() < fewest_sizes) return;
  const auto fit = fit_two_lines(points);
  if (!fit) {
    const std::string unknown = "no latency shows in the times of the sweep's sizes";
    largest.warnings.push_back(unknown + ": no line was fitted to them");
    findings_.push_back(fmt::format("{}: {}", sweep.title, unknown));
    return;
  }
  // With the largest size, which ends the sweep that it describes.
  auto& method = largest.method;
  method["fit"] = "of all sizes of the sweep: the lesser of two lines, time = latency + bytes / rate";
  method["fit_latency_ns"] = fmt::format("{:.6g}", fit->latency_ns());
  method["fit_bytes_per_second"] = fmt::format("{:.6g}", fit->bytes_per_second());
  if (fit->large) {
    method["fit_small_bytes_per_second"] = fmt::format("{:.6g}", fit->small.bytes_per_second);
    method["fit_large_latency_ns"] = fmt::format("{:.6g}", fit->large->latency_ns);
    if (const auto bytes = fit->crossover_bytes()) method["fit_crossover_bytes"] = fmt::format("{:.6g}", *bytes);
  }
  method["fit_worst_factor"] = fmt::format("{:.3f}", fit->worst_factor);
  constexpr double trusted_factor = 1.5;
  if (fit->worst_factor > trusted_factor) {
    const auto missed = fmt::format("the fitted lines miss one size by a factor of {:.3g}", fit->worst_factor);
    largest.warnings.push_back(missed + ": do not plan with them");
    findings_.push_back(fmt::format("{}: no latency and bandwidth describe it: {}", sweep.title, missed));
    return;
  }
  std::string text = fmt::format("{}: latency {}, then {}", sweep.title, format_si(fit->latency_ns() * 1e-9, "s"),
                                 format_si(fit->bytes_per_second(), "B/s"));
  if (const auto bytes = fit->crossover_bytes()) text += fmt::format(" from {} on", format_bytes(*bytes));
  findings_.push_back(text + fmt::format(" (algbw; every size within a factor of {:.3g})", fit->worst_factor));
}

/// On GPUs only: ranks on CPUs share a node's network cards.
void collective_session::note_nic_rate(results::measurement& m, const collective_case& what) {
  if (!ranks_.on_gpus()) return;
  const auto busbw = m.rate.busbw_bytes_per_second;
  const bool formula_holds = what.kind == collective_kind::all_reduce || what.kind == collective_kind::all_gather ||
                             what.kind == collective_kind::reduce_scatter;
  if (!busbw || !formula_holds) return;
  const auto ring = per_nic_bytes_per_second(*busbw, ranks_.ranks(), ranks_.nodes(), crossing::flat_ring);
  const auto hierarchical = per_nic_bytes_per_second(*busbw, ranks_.ranks(), ranks_.nodes(), crossing::hierarchical);
  if (!ring || !hierarchical) return;
  m.method["nodes"] = std::to_string(ranks_.nodes());
  m.method["nic_bytes_per_second_if_ring"] = fmt::format("{:.6g}", *ring);
  m.method["nic_bytes_per_second_if_hierarchical"] = fmt::format("{:.6g}", *hierarchical);
  if (!options_.nic_bytes_per_second) return;
  const auto possible = possible_crossings(*busbw, ranks_.ranks(), ranks_.nodes(), *options_.nic_bytes_per_second);
  if (!possible->hierarchical_possible) {
    m.warnings.push_back("faster than the network cards named by --nic-rate in any way of crossing the nodes");
  } else if (!possible->flat_ring_possible) {
    m.method["crossing"] = "hierarchical: a flat ring would need more than a network card has";
  }
}

bool collective_session::measure_pairs() {
  auto with = surroundings_of_a_case();
  std::vector<pair_time> times;
  std::vector<results::measurement> measured;
  bool complete = true;
  for (const auto& what : plan_pairs(ranks_.ranks(), ranks_.on_gpus())) {
    auto result = collective::measure(what, with);
    complete = goes_on(result);
    if (is_root()) {
      note_pair_times(result, what.round, ranks_.ranks(), times);
      take(std::move(result), measured);
    }
    if (!complete) break;
  }
  if (!is_root()) return complete;
  const auto found = describe_pairs(times, ranks_, measured.empty() ? nullptr : &measured.back());
  findings_.insert(findings_.end(), found.begin(), found.end());
  write(measured);
  return complete;
}

void collective_session::add_row(const results::measurement& m) {
  using value = report::table::value;
  const auto number = [](const std::optional<double>& v) { return v ? value(*v) : value(); };
  const auto giga_of = [](const std::optional<double>& v) { return v ? value(*v / giga) : value(); };
  const auto text = [&](std::string_view name) {
    auto found = text_parameter(m, name);
    return found.empty() ? value() : value(std::move(found));
  };
  std::string algorithm = text_parameter(m, "algorithm");
  if (!algorithm.empty()) algorithm += " " + text_parameter(m, "protocol");
  if (const auto told = m.method.find("algorithm"); algorithm.empty() && told != m.method.end())
    algorithm = told->second;
  table_.add_row({m.benchmark, number(m.work.bytes), text("type"), text("operation"), text("placement"),
                  algorithm.empty() ? value() : value(algorithm), m.time_ns ? value(m.time_ns->median * 1e-3) : value(),
                  giga_of(m.rate.bytes_per_second), giga_of(m.rate.busbw_bytes_per_second), number(wrong_elements(m)),
                  m.status == results::measurement_status::ok ? value(std::string("ok")) : value(m.reason)});
}

void collective_session::give_up(const std::string& step) {
  const std::string waited = fmt::format("{:.3g} s", (2 * patience()).count());
  std::fprintf(stderr, "error: rank %d on %s has waited %s %s\n", ranks_.between().rank(), host_name().c_str(),
               waited.c_str(), step.c_str());
  std::fprintf(stderr, "  hint: each rank that waits says so; one that says nothing is what the others wait for\n");
  // Time for all ranks that still run to say so before the launcher ends them.
  std::this_thread::sleep_for(std::chrono::seconds(is_root() ? 1 : 3));
  std::_Exit(static_cast<int>(exit_status::measurement_failed));
}

}  // namespace gpubench::cli
