// Time of a plan: a year at one-minute steps and 20 offers, each with on-demand, spot and two commitments, under both
// policies, with oracle bounds and sensitivities. A program of its own, not a test.
#include <benchmark/benchmark.h>

#include <sstream>
#include <string>

#include "capacity/demand_pattern.hpp"
#include "capacity/demand_trace.hpp"
#include "capacity/plan.hpp"

namespace {

using namespace gpubench::capacity;

demand_pattern busy_year() {
  demand_pattern p;
  p.mean_units_per_second = 50'000;
  p.growth_per_month = 0.03;
  p.bursts_per_day = 2;
  p.noise = 0.1;
  return p;
}

std::vector<offer> offers(int count) {
  std::vector<offer> all;
  for (int i = 0; i < count; ++i) {
    offer o;
    o.provider = "synthetic";
    o.instance_type = "s" + std::to_string(i);
    o.units_per_second = 300 + 450.0 * i;
    o.expected_units_per_second = o.units_per_second * 1.2;
    o.on_demand_usd_per_hour = o.units_per_second * 1e-3 * (1 + 0.02 * i);
    o.spot_usd_per_hour = *o.on_demand_usd_per_hour * 0.6;
    o.spot_availability = 0.9;
    o.commitments = {{"1yr", 1, *o.on_demand_usd_per_hour * 0.63, 0}, {"3yr", 3, *o.on_demand_usd_per_hour * 0.3, 0}};
    all.push_back(o);
  }
  return all;
}

void plan_of_a_year(benchmark::State& state) {
  plan_request request;
  request.demand = generate(busy_year(), steps_per_year);
  request.offers = offers(static_cast<int>(state.range(0)));
  request.wanted = {60, 0.05};
  request.max_spot_share = 0.5;
  for (auto _ : state) {
    const auto plan = make_plan(request);
    benchmark::DoNotOptimize(plan.ranked.data());
    state.counters["feasible"] = static_cast<double>(plan.ranked.size());
  }
  state.counters["simulated_steps_per_second"] =
      benchmark::Counter(static_cast<double>(request.demand.size()) * 4 * static_cast<double>(state.range(0)),
                         benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(plan_of_a_year)->Arg(1)->Arg(20)->Unit(benchmark::kMillisecond);

void demand_of_a_year(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(generate(busy_year(), steps_per_year));
}
BENCHMARK(demand_of_a_year)->Unit(benchmark::kMillisecond);

void trace_of_a_million_rows(benchmark::State& state) {
  std::string text = "time_seconds,units_per_second\n";
  for (int i = 0; i < 1'000'000; ++i) text += std::to_string(30 * i) + "," + std::to_string(i % 977) + "\n";
  for (auto _ : state) {
    std::istringstream in(text);
    benchmark::DoNotOptimize(read_demand_trace(in, "trace", {}).rows);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(trace_of_a_million_rows)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
