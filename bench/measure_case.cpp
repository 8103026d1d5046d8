#include "bench/measure_case.hpp"

#include "bench/competing_load.hpp"
#include "bench/core_clock.hpp"
#include "bench/settling.hpp"
#include "core/error.hpp"
#include "core/memory_room.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace gpubench::bench {

namespace {

using results::measurement_status;

/// Others' CPU time from which on a figure is suspect, as a fraction of the cores that the benchmark uses.
constexpr double competing_load_worth_a_warning = 0.05;

void fail(results::measurement& m, std::string reason) {
  m.status = measurement_status::failed;
  m.reason = std::move(reason);
}

/// Time for sampling after making ready took `prepared`. A case that overdrew its share there still gets half of what
/// it was to sample for, at the cost of those after it, but never more than the whole budget has left.
seconds sampling_limit(const planned_case& planned, const case_limits& limits, seconds prepared) {
  if (!limits.share || !limits.remaining) return planned.policy.time_limit;
  const seconds overhead = std::max(prepared, limits.expected_overhead);
  const seconds least = planned.policy.warmup_time + planned.policy.min_time;
  const seconds promised = *limits.share - limits.expected_overhead;
  const seconds left_at_all = *limits.remaining - overhead;
  return std::min({planned.policy.time_limit, std::max({*limits.share - overhead, promised / 2, least}), left_at_all});
}

/// Load of others over the samples, into telemetry and, where it matters, a warning.
void note_competing_load(results::measurement& m, const std::optional<cpu_usage>& before) {
  const auto after = read_cpu_usage(system_files());
  if (!before || !after) return;
  const auto load = competing_load_between(*before, *after);
  if (!load) return;
  m.telemetry.competing_load = load->fraction_of_all_cores;
  // Below five ticks of 10 ms the kernel's own rounding looks like load.
  constexpr double least_seconds = 0.05;
  // The kernel counts all cores of the machine, also those that a container may not use.
  if (load->fraction_of_all_cores > competing_load_worth_a_warning && load->seconds >= least_seconds)
    m.warnings.push_back(fmt::format("other work kept {:.2g} of {} cores busy meanwhile", load->cores, after->cpus));
}

/// What a measurement is held against.
struct reference {
  std::optional<double> rate;
  std::string kind;
  std::optional<device_peaks::peak> peak;
};

reference reference_of(const results::measurement& m, const benchmark_definition& definition,
                       const device_peaks& peaks) {
  using peak_kind = benchmark_definition::peak_kind;
  switch (definition.peak) {
    case peak_kind::none:
      break;
    case peak_kind::dense: {
      const auto found = peaks.dense_flop_per_second.find(definition.precision);
      const bool known = found != peaks.dense_flop_per_second.end();
      return {m.rate.flop_per_second, fmt::format("dense peak {}", models::to_string(definition.precision)),
              known ? std::optional(found->second) : std::nullopt};
    }
    case peak_kind::memory_bandwidth:
      return {m.rate.bytes_per_second, "memory bandwidth", peaks.memory_bytes_per_second};
    case peak_kind::host_link:
      return {m.rate.bytes_per_second, "host link bandwidth", peaks.host_link_bytes_per_second};
    case peak_kind::peer_link:
      // Of a collective, busbw is what its links carry.
      return {m.rate.busbw_bytes_per_second ? m.rate.busbw_bytes_per_second : m.rate.bytes_per_second,
              "peer link bandwidth", peaks.peer_link_bytes_per_second};
  }
  return {};
}

void hold_against_peak(results::measurement& m, const benchmark_definition& definition, const run_request& request) {
  const auto device = request.peaks.find(definition.device);
  if (device == request.peaks.end()) return;
  const auto [rate, kind, peak] = reference_of(m, definition, device->second);
  if (!rate) return;
  if (peak && peak->value > 0) {
    m.peak = results::peak_fraction{*rate / peak->value, kind, peak->value, peak->source};
  } else if (!device->second.no_reference.empty()) {
    m.method["reference"] = "none: " + device->second.no_reference;
  }
}

void check(results::measurement& m, prepared_case& ready) {
  m.verification = ready.verify();
  if (m.verification->passed()) return;
  fail(m, fmt::format("wrong result: error {:.3g} above the tolerance {:.3g} ({})", m.verification->error,
                      m.verification->tolerance, m.verification->compared));
}

/// The calls of sample(), of which the sampler keeps the last ones.
class timed_calls {
 public:
  timed_calls(prepared_case& ready, const clock_function& clock) : ready_(ready), clock_(clock), first_work_(clock()) {}

  std::chrono::duration<double, std::nano> take() {
    const auto begin = clock_();
    const auto time = ready_.sample();
    details_.push_back(ready_.last_sample());
    windows_.push_back({begin, clock_(), details_.back().clock_hertz});
    return time;
  }

  /// The calls so far are no samples.
  void forget() {
    details_.clear();
    windows_.clear();
  }

  /// One value for each of the `kept` samples; empty where none is known.
  std::vector<std::optional<double>> of_kept(std::size_t kept, std::optional<double> sample_detail::*value) const {
    std::vector<std::optional<double>> values;
    for (std::size_t i = details_.size() - kept; i < details_.size(); ++i) values.push_back(details_[i].*value);
    const auto known = [](const std::optional<double>& v) { return v.has_value(); };
    return std::any_of(values.begin(), values.end(), known) ? values : std::vector<std::optional<double>>{};
  }

  timed_window windows_of_kept(std::size_t kept) const {
    return {first_work_, {windows_.end() - static_cast<std::ptrdiff_t>(kept), windows_.end()}};
  }

 private:
  prepared_case& ready_;
  const clock_function& clock_;
  std::chrono::nanoseconds first_work_;
  std::vector<sample_detail> details_;
  std::vector<sample_window> windows_;
};

void sleep_for(seconds time) {
  std::this_thread::sleep_for(time);
}

/// Lets the device rest.   @return false when interrupted.
bool rest(results::measurement& m, const planned_case& planned, const run_request& request) {
  constexpr seconds step{0.1};
  const auto wait = request.rest ? request.rest : std::function<void(seconds)>(sleep_for);
  for (seconds left = planned.settling; left.count() > 0; left -= step) {
    if (request.interrupted && request.interrupted()) return false;
    wait(std::min(left, step));
  }
  m.method["burst"] = fmt::format("after {} without work", format_duration(planned.settling.count()));
  return true;
}

/// Loads the device until it has settled.   @return false when interrupted.
bool soak_first(results::measurement& m, const planned_case& planned, const run_request& request, timed_calls& calls,
                const clock_function& clock) {
  // In pieces, so that the calls of half a minute need not be kept.
  const auto call = [&] {
    calls.forget();
    return calls.take();
  };
  const auto outcome = soak(call, planned.settling, clock, request.interrupted);
  calls.forget();
  if (outcome.interrupted) return false;
  const auto lasted = format_duration(outcome.lasted.count());
  m.method["soak"] = fmt::format("{} {}", outcome.settled ? "settled after" : "not settled within", lasted);
  if (!outcome.settled)
    m.warnings.push_back(fmt::format("the device had not settled after {} under load: soak longer", lasted));
  return true;
}

void interrupted_before_sampling(case_outcome& outcome) {
  outcome.interrupted = true;
  outcome.measurement.stopped_by = results::stop_reason::interrupted;
}

/// Hands over what sampling found, and what the watch saw meanwhile.
void take_over(results::measurement& m, sampling_result sampled, const timed_calls& calls, prepared_case& ready,
               device_watch* watch) {
  m.samples_ns = std::move(sampled.samples_ns);
  m.host_ns = calls.of_kept(m.samples_ns.size(), &sample_detail::host_ns);
  m.clock_samples_hertz = calls.of_kept(m.samples_ns.size(), &sample_detail::clock_hertz);
  m.stopped_by = sampled.stopped_by;
  std::move(sampled.warnings.begin(), sampled.warnings.end(), std::back_inserter(m.warnings));
  m.telemetry = ready.telemetry();
  if (watch != nullptr) watch->finish(m, calls.windows_of_kept(m.samples_ns.size()));
}

/// Beside its arrays. Refused a thread, OpenMP's library ends the process.
void require_room_to_work(int threads) {
  constexpr double libraries_bytes = 64 * mib;
  require_room_for(threads * thread_stack_bytes() + libraries_bytes, fmt::format("{} threads", threads));
}

/// The part of measure_case() that may throw.
/// @return time spent sampling
seconds prepare_and_sample(case_outcome& outcome, const planned_case& planned, const machine& where,
                           const run_request& request, const case_limits& limits, const clock_function& clock) {
  auto& m = outcome.measurement;
  const auto& definition = *planned.definition;
  const auto start = clock();
  if (definition.backend == "host") require_room_to_work(where.threads);
  const auto ready = definition.prepare(planned.params, where);
  if (!ready) throw error(error_kind::internal, "the benchmark prepared nothing");

  if (planned.phase == results::measurement_phase::burst && !rest(m, planned, request)) {
    interrupted_before_sampling(outcome);
    return seconds(0);
  }
  const auto watch = request.watch ? request.watch(definition.device) : nullptr;
  timed_calls calls(*ready, clock);
  if (planned.phase == results::measurement_phase::soak && !soak_first(m, planned, request, calls, clock)) {
    interrupted_before_sampling(outcome);
    return seconds(0);
  }
  const seconds prepared = clock() - start;

  sampling_policy policy = planned.policy;
  policy.time_limit = sampling_limit(planned, limits, prepared);
  if (policy.time_limit.count() <= 0) {
    m.status = measurement_status::skipped;
    m.reason = fmt::format("{}: making ready took {}", limits.cut_reason, format_duration(prepared.count()));
    return seconds(0);
  }

  std::optional<core_clock> core;  // a GPU's back-end knows that of its own
  if (definition.backend == "host") core.emplace();
  const auto load_before = read_cpu_usage(system_files());
  const auto sampling_start = clock();
  auto sampled = take_samples(
      [&] {
        if (core) core->read_when_due();
        return calls.take();
      },
      policy, clock, request.interrupted);
  const seconds sampling_time = clock() - sampling_start;

  outcome.interrupted = sampled.stopped_by == results::stop_reason::interrupted;
  take_over(m, std::move(sampled), calls, *ready, watch.get());
  note_competing_load(m, load_before);
  if (core) {
    core->read();
    if (!m.telemetry.clock_hertz) m.telemetry.clock_hertz = core->hertz();
  }
  for (auto& warning : ready->warnings()) m.warnings.push_back(std::move(warning));
  if (m.samples_ns.empty()) return sampling_time;
  check(m, *ready);
  m.method.merge(ready->method());
  return sampling_time;
}

}  // namespace

results::measurement unmeasured(const planned_case& planned) {
  const auto& definition = *planned.definition;
  results::measurement m;
  m.benchmark = definition.name;
  m.params = planned.params;
  m.backend = definition.backend;
  m.device = definition.device;
  m.phase = planned.phase;
  m.work = definition.work(planned.params);
  return m;
}

case_outcome measure_case(const planned_case& planned, const machine& where, const run_request& request,
                          const case_limits& limits, const clock_function& clock) {
  case_outcome outcome;
  auto& m = outcome.measurement;
  const auto start = clock();
  seconds sampling_time{0};
  try {
    m = unmeasured(planned);
    sampling_time = prepare_and_sample(outcome, planned, where, request, limits, clock);
  } catch (const unsupported_case& problem) {
    m.status = measurement_status::skipped;
    m.reason = problem.what();
  } catch (const error& problem) {
    // Ctrl-C reaches the programs that a case runs too: what they then lack is no failure.
    if (request.interrupted && request.interrupted()) {
      interrupted_before_sampling(outcome);
    } else {
      fail(m, problem.hint().empty() ? std::string(problem.what())
                                     : fmt::format("{} ({})", problem.what(), problem.hint()));
    }
  } catch (const std::bad_alloc&) {
    fail(m, fmt::format("not enough memory ({})", hint_about_memory()));
  } catch (const std::exception& problem) {
    fail(m, problem.what());
  } catch (...) {
    fail(m, "an exception of unknown type");
  }
  outcome.overhead = seconds(clock() - start) - sampling_time;
  // A wrong or broken case gives no rate, but its samples stay.
  results::complete(m);
  if (m.status == measurement_status::ok) {
    hold_against_peak(m, *planned.definition, request);
  } else {
    m.rate = {};
  }
  return outcome;
}

}  // namespace gpubench::bench
