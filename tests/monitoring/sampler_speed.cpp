// How long one sample of GPUs and host takes, and its rendering: GPUBENCH_NVML_LIBRARY may name a stand-in. At 1 Hz the
// exporter may take 1 % of a core: 10 ms for all of it.
#include <benchmark/benchmark.h>

#include <string>

#include "monitoring/sampler.hpp"

namespace {

void take_sample(benchmark::State& state) {
  gpubench::monitoring::sampler source;
  for (auto _ : state) benchmark::DoNotOptimize(source.take());
}
BENCHMARK(take_sample)->Unit(benchmark::kMicrosecond);

void render_prometheus(benchmark::State& state) {
  gpubench::monitoring::sampler source;
  const auto now = source.take();
  for (auto _ : state) benchmark::DoNotOptimize(gpubench::monitoring::to_prometheus(now));
}
BENCHMARK(render_prometheus)->Unit(benchmark::kMicrosecond);

/// Eight GPUs with every metric, as a large machine has them.
void render_prometheus_of_eight(benchmark::State& state) {
  gpubench::monitoring::sample now;
  for (int gpu = 0; gpu < 8; ++gpu)
    for (const auto& each : gpubench::monitoring::all_metrics())
      if (each.scope == gpubench::monitoring::metric_scope::gpu)
        now.add(each.id, {{"gpu", std::to_string(gpu)}, {"uuid", "GPU-0"}, {"name", "NVIDIA H100 80GB HBM3"}},
                0.123456);
  for (auto _ : state) benchmark::DoNotOptimize(gpubench::monitoring::to_prometheus(now));
}
BENCHMARK(render_prometheus_of_eight)->Unit(benchmark::kMicrosecond);

}  // namespace
