#include "bench/runner.hpp"

#include "bench/budget.hpp"
#include "bench/clock.hpp"
#include "bench/measure_case.hpp"
#include "core/file.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace gpubench::bench {

namespace {

/// One call of run_plan(): what Google Benchmark's call-backs share. Google Benchmark calls the body of a case and then
/// the reporter, one case after the other; the body leaves its measurement here and the reporter hands it on.
class execution {
 public:
  execution(const std::vector<planned_case>& plan, const machine& where, const run_request& request,
            const run_events& events)
      : plan_(plan),
        where_(where),
        request_(request),
        events_(events),
        clock_(request.clock ? request.clock : clock_function(steady_now)),
        budget_(effective_budget(request, plan, where)),
        sharing_(plan, where, budget_),
        start_(clock_()) {}

  /// Body of one Google Benchmark case.
  void run_case(std::size_t index, benchmark::State& state) {
    measurement_.reset();
    if (request_.interrupted && request_.interrupted()) interrupted_ = true;
    if (interrupted_ || problem_) {
      state.SkipWithError("interrupted");
      return;
    }
    try {
      announce(index);
      measure(index, state);
    } catch (...) {
      // Must not pass through Google Benchmark, which holds state of its own; run_plan() throws it again.
      problem_ = std::current_exception();
      state.SkipWithError("stopped");
    }
  }

  /// Called by the reporter after each case.
  void hand_on() {
    if (!measurement_ || problem_) return;
    const auto finished = std::exchange(measurement_, std::nullopt);
    try {
      if (events_.on_measurement) events_.on_measurement(*finished);
    } catch (...) {
      problem_ = std::current_exception();
    }
  }

  bool finish() {
    release_unless_of("");
    if (problem_) std::rethrow_exception(problem_);
    return !interrupted_;
  }

 private:
  seconds elapsed() const { return clock_() - start_; }

  /// Frees what the cases so far kept for others of their group, unless the next case is of that group.
  void release_unless_of(const std::string& group) {
    if (keeper_ && keeper_->memory_group != group) std::exchange(keeper_, nullptr)->release();
  }

  void announce(std::size_t index) const {
    if (!events_.on_start) return;
    progress now;
    now.done = index;
    now.total = plan_.size();
    now.current = full_name(plan_[index]);
    now.device = plan_[index].definition->device;
    now.elapsed = elapsed();
    now.remaining = sharing_.estimate_remaining(index, now.elapsed);
    events_.on_start(now);
  }

  void skip(std::size_t index, const std::string& reason, benchmark::State& state) {
    measurement_ = unmeasured(plan_[index]);
    measurement_->status = results::measurement_status::skipped;
    measurement_->reason = reason;
    state.SkipWithError(reason.c_str());
  }

  void measure(std::size_t index, benchmark::State& state) {
    const auto& planned = plan_[index];
    if (planned.skip_reason) return skip(index, *planned.skip_reason, state);
    // Asked again: an earlier case may have cost the device.
    if (planned.definition->unavailable) {
      if (const auto reason = planned.definition->unavailable(planned.params, where_))
        return skip(index, *reason, state);
    }

    case_limits limits;
    limits.expected_overhead = sharing_.expected_overhead(index);
    if (budget_) {
      limits.share = sharing_.share(index, elapsed());
      limits.remaining = sharing_.remaining(elapsed());
      limits.cut_reason = cut_reason(*budget_);
      if (*limits.remaining <= limits.expected_overhead) return skip(index, limits.cut_reason, state);
    }
    release_unless_of(planned.definition->memory_group);
    if (planned.definition->release) keeper_ = planned.definition;
    for ([[maybe_unused]] auto iteration : state) {
      auto outcome = measure_case(planned, where_, request_, limits, clock_);
      sharing_.learn(index, outcome.overhead);
      interrupted_ = outcome.interrupted;
      const bool reported = report_to(state, outcome.measurement);
      // Interrupted before its first sample, a case has nothing to tell.
      if (!outcome.interrupted || !outcome.measurement.samples_ns.empty())
        measurement_ = std::move(outcome.measurement);
      if (!reported) break;
    }
  }

  /// @return false when Google Benchmark was told to skip.
  static bool report_to(benchmark::State& state, const results::measurement& m) {
    if (m.status != results::measurement_status::ok || !m.time_ns) {
      state.SkipWithError(m.reason.empty() ? "interrupted" : m.reason.c_str());
      return false;
    }
    state.SetIterationTime(m.time_ns->median * 1e-9);
    if (m.rate.flop_per_second) state.counters["flop_per_second"] = *m.rate.flop_per_second;
    if (m.rate.bytes_per_second) state.counters["bytes_per_second"] = *m.rate.bytes_per_second;
    if (m.rate.items_per_second) state.counters["items_per_second"] = *m.rate.items_per_second;
    state.counters["samples"] = static_cast<double>(m.samples_ns.size());
    if (m.peak) state.counters["fraction_of_peak"] = m.peak->fraction;
    return true;
  }

  const std::vector<planned_case>& plan_;
  const machine& where_;
  const run_request& request_;
  const run_events& events_;
  clock_function clock_;
  std::optional<seconds> budget_;
  budget_sharing sharing_;
  std::chrono::nanoseconds start_;
  std::optional<results::measurement> measurement_;
  const benchmark_definition* keeper_ = nullptr;  ///< whose release() is due
  std::exception_ptr problem_;
  bool interrupted_ = false;
};

/// Prints nothing: hands each case's full measurement on when Google Benchmark reports it.
class handing_reporter : public benchmark::BenchmarkReporter {
 public:
  explicit handing_reporter(execution& current) : current_(current) {}
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override { current_.hand_on(); }

 private:
  execution& current_;
};

/// Sets the flags that environment variables (BENCHMARK_FILTER, BENCHMARK_OUT ...) could have set otherwise. By way of
/// Initialize(), since versions before 1.7 have no other.
void initialize_google_benchmark(const std::string& out_file) {
  std::vector<std::string> words = {"gpubench",
                                    "--benchmark_filter=.",
                                    "--benchmark_list_tests=false",
                                    "--benchmark_repetitions=1",
                                    "--benchmark_enable_random_interleaving=false",
                                    "--benchmark_out=" + out_file,
                                    "--benchmark_out_format=json"};
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int count = static_cast<int>(words.size());
  benchmark::Initialize(&count, arguments.data());
}

}  // namespace

bool run_plan(const std::vector<planned_case>& plan, const machine& where, const run_request& request,
              const run_events& events) {
  if (plan.empty()) return true;
  // Google Benchmark ends the process when it cannot open its file, so find out before.
  if (!request.google_benchmark_out.empty()) require_writable(request.google_benchmark_out);
  initialize_google_benchmark(request.google_benchmark_out);
  benchmark::ClearRegisteredBenchmarks();

  execution current(plan, where, request, events);
  for (std::size_t index = 0; index < plan.size(); ++index) {
    const auto name = full_name(plan[index]);
    benchmark::RegisterBenchmark(name.c_str(),
                                 [&current, index](benchmark::State& state) { current.run_case(index, state); })
        ->Iterations(1)
        ->UseManualTime()
        ->Repetitions(1);
  }
  handing_reporter reporter(current);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::ClearRegisteredBenchmarks();
  return current.finish();
}

}  // namespace gpubench::bench
