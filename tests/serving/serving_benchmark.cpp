// Simulated requests a second, drawing them included. Prompts and outputs log-normal, a cv of 1 each; arrivals Poisson
// at 70 % of what a replica sustains.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>

#include "serving/trace.hpp"
#include "tests/serving/replica_models.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using namespace gpubench::serving;

void simulated_requests(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  const double prompt = static_cast<double>(state.range(1)), output = static_cast<double>(state.range(2));
  const std::int64_t replicas = state.range(3);
  auto model = testing::typical(batch);
  model.kv_capacity_tokens = 1e9;
  model.step_tokens = 8192;
  constexpr std::int64_t count = 200'000;
  request_mix mix{1, 1, length_distribution::lognormal(prompt, 1), length_distribution::lognormal(output, 1)};
  // What it sustains: users enough to fill every batch.
  generated_requests full(mix, 1, 20'000);
  const auto most = simulate(model, full, {.replicas = 1, .closed_loop_users = 2 * static_cast<std::int64_t>(batch)});
  mix.rate_per_second = 0.7 * most.requests_per_second * static_cast<double>(replicas);
  for (auto _ : state) {
    generated_requests source(mix, 1, count);
    const auto found = simulate(model, source, {.replicas = replicas});
    benchmark::DoNotOptimize(found.ttft.quantile_seconds(0.95));
    state.counters["mean_in_system"] = found.mean_in_system;
  }
  state.SetItemsProcessed(state.iterations() * count);
}

BENCHMARK(simulated_requests)
    ->ArgNames({"batch", "prompt", "output", "replicas"})
    ->Args({1, 1, 100, 1})
    ->Args({64, 1000, 200, 1})
    ->Args({256, 1000, 200, 1})
    ->Args({256, 1000, 200, 16})
    ->Args({256, 1000, 2000, 16})
    ->Args({256, 8000, 500, 16})
    ->Unit(benchmark::kMillisecond);

// A trace from the file cache: bytes and requests a second.
void trace_reading(benchmark::State& state) {
  const gpubench::temporary_folder folder;
  const auto path = folder.path() / "trace.csv";
  constexpr std::int64_t count = 1'000'000;
  {
    std::ofstream out(path);
    out << "time_seconds,prompt_tokens,output_tokens\n";
    generated_requests source({20, 1, length_distribution::lognormal(1000, 1), length_distribution::lognormal(200, 1)},
                              1, count);
    std::vector<request> block(4096);
    while (const std::size_t n = source.read(block))
      for (std::size_t i = 0; i < n; ++i)
        out << block[i].arrival_seconds << ',' << block[i].prompt_tokens << ',' << block[i].output_tokens << '\n';
  }
  for (auto _ : state) benchmark::DoNotOptimize(load_trace(path, 1e9, 100'000).requests_in_file);
  state.SetItemsProcessed(state.iterations() * count);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::filesystem::file_size(path)));
  std::filesystem::remove(path);
}
BENCHMARK(trace_reading)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
