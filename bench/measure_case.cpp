#include "bench/measure_case.hpp"

#include "bench/competing_load.hpp"
#include "core/error.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <utility>

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

void hold_against_peak(results::measurement& m, const benchmark_definition& definition, const run_request& request) {
  using peak_kind = benchmark_definition::peak_kind;
  const auto device = request.peaks.find(definition.device);
  if (device == request.peaks.end()) return;
  if (definition.peak == peak_kind::dense && m.rate.flop_per_second) {
    const auto& peaks = device->second.dense_flop_per_second;
    const auto peak = peaks.find(definition.precision);
    if (peak == peaks.end() || peak->second.value <= 0) return;
    m.peak = results::peak_fraction{*m.rate.flop_per_second / peak->second.value,
                                    fmt::format("dense peak {}", models::to_string(definition.precision)),
                                    peak->second.value, peak->second.source};
  }
  if (definition.peak == peak_kind::memory_bandwidth && m.rate.bytes_per_second) {
    const auto& peak = device->second.memory_bytes_per_second;
    if (!peak || peak->value <= 0) return;
    m.peak =
        results::peak_fraction{*m.rate.bytes_per_second / peak->value, "memory bandwidth", peak->value, peak->source};
  }
}

void check(results::measurement& m, prepared_case& ready) {
  m.verification = ready.verify();
  if (m.verification->passed()) return;
  fail(m, fmt::format("wrong result: error {:.3g} above the tolerance {:.3g} ({})", m.verification->error,
                      m.verification->tolerance, m.verification->compared));
}

/// The part of measure_case() that may throw.
/// @return time spent sampling
seconds prepare_and_sample(case_outcome& outcome, const planned_case& planned, const machine& where,
                           const run_request& request, const case_limits& limits, const clock_function& clock) {
  auto& m = outcome.measurement;
  const auto& definition = *planned.definition;
  const auto start = clock();
  const auto ready = definition.prepare(planned.params, where);
  if (!ready) throw error(error_kind::internal, "the benchmark prepared nothing");
  const seconds prepared = clock() - start;

  sampling_policy policy = planned.policy;
  policy.time_limit = sampling_limit(planned, limits, prepared);
  if (policy.time_limit.count() <= 0) {
    m.status = measurement_status::skipped;
    m.reason = fmt::format("{}: making ready took {}", limits.cut_reason, format_duration(prepared.count()));
    return seconds(0);
  }

  const auto load_before = read_cpu_usage(system_files());
  const auto sampling_start = clock();
  auto sampled = take_samples([&] { return ready->sample(); }, policy, clock, request.interrupted);
  const seconds sampling_time = clock() - sampling_start;

  m.samples_ns = std::move(sampled.samples_ns);
  m.stopped_by = sampled.stopped_by;
  m.warnings = std::move(sampled.warnings);
  outcome.interrupted = sampled.stopped_by == results::stop_reason::interrupted;
  m.telemetry = ready->telemetry();
  note_competing_load(m, load_before);
  for (auto& warning : ready->warnings()) m.warnings.push_back(std::move(warning));
  if (!m.samples_ns.empty()) check(m, *ready);
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
  } catch (const error& problem) {
    fail(m,
         problem.hint().empty() ? std::string(problem.what()) : fmt::format("{} ({})", problem.what(), problem.hint()));
  } catch (const std::bad_alloc&) {
    fail(m, "out of memory");
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
