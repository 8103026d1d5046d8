// Time of one recommendation, loading excluded: over the shipped catalogue, and over it with 100,000 offers more.
#include "planner/calibration.hpp"
#include "planner/recommend.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/workload.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace {

using namespace gpubench;

const std::string data_directory = std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data";

/// 5,000 instance types of 20 prices each: GPUs, counts, shares and hosts in turn, prices and regions spread by a
/// linear congruential generator (Knuth, MMIX), so that every run sees the same.
profiles::catalogue with_synthetic_offers(profiles::catalogue known, int types, int prices_each) {
  std::uint64_t state = 42;
  const auto random = [&state] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 11) / 9007199254740992.0;
  };
  constexpr int counts[] = {1, 2, 4, 8};
  constexpr double shares[] = {1, 1, 1, 0.5, 0.25};
  constexpr double networks[] = {10e9, 50e9, 100e9, 400e9};
  for (int i = 0; i < types; ++i) {
    const profiles::gpu_spec& gpu = known.gpus[static_cast<std::size_t>(i) % known.gpus.size()];
    profiles::instance type;
    type.provider = "synthetic" + std::to_string(i % 7);
    type.type = "s" + std::to_string(i);
    type.gpu = gpu.name;
    type.gpu_count = counts[(i / 55) % 4];
    type.gpu_fraction = type.gpu_count == 1 ? shares[(i / 220) % 5] : 1;
    type.vcpus = 8.0 * type.gpu_count;
    type.host_memory_bytes = 64e9 * type.gpu_count;
    type.gpu_interconnect = type.gpu_count > 1 ? profiles::interconnect::pcie : profiles::interconnect::none;
    type.network_bits_per_second = networks[i % 4];
    for (int j = 0; j < prices_each; ++j) {
      profiles::price offer;
      offer.provider = type.provider;
      offer.instance_type = type.type;
      offer.region = "region-" + std::to_string(j / 2);
      offer.model = j % 2 == 0 ? profiles::price_model::on_demand : profiles::price_model::spot;
      offer.amount_per_hour = (0.2 + 4 * random()) * type.gpu_count * type.gpu_fraction;
      offer.currency = "USD";
      offer.origin.source = "synthetic";
      offer.origin.date = "2026-11-01";
      known.prices.push_back(offer);
    }
    known.instances.push_back(type);
  }
  known.index();
  return known;
}

void run(benchmark::State& state, const profiles::catalogue& known, const std::string& workload_name, int max_nodes) {
  static const planner::calibration efficiencies = [] {
    planner::calibration loaded = planner::calibration::load(data_directory);
    loaded.use_operators(predictor::load_operator_calibration(data_directory));
    return loaded;
  }();
  const profiles::workload what = profiles::find_workload(profiles::load_workloads(data_directory), workload_name);
  planner::constraints limits;
  limits.max_nodes = max_nodes;
  limits.deadline_seconds = 72 * 3600;
  const auto now = std::chrono::system_clock::now();
  std::size_t considered = 0, ranked = 0;
  for (auto _ : state) {
    const planner::recommendation answer = planner::recommend(known, efficiencies, what, limits, {}, now);
    considered = answer.considered;
    ranked = answer.ranked.size();
    benchmark::DoNotOptimize(answer.ranked.data());
  }
  state.counters["offers"] = static_cast<double>(considered);
  state.counters["ranked"] = static_cast<double>(ranked);
  state.counters["offers_per_second"] =
      benchmark::Counter(static_cast<double>(considered), benchmark::Counter::kIsIterationInvariantRate);
}

const profiles::catalogue& shipped() {
  static const profiles::catalogue known = profiles::load_catalogue(data_directory);
  return known;
}

const profiles::catalogue& synthetic() {
  static const profiles::catalogue known = with_synthetic_offers(shipped(), 5000, 20);
  return known;
}

void shipped_catalogue(benchmark::State& state, const std::string& workload) {
  run(state, shipped(), workload, 4);
}
void synthetic_offers(benchmark::State& state, const std::string& workload) {
  run(state, synthetic(), workload, 1);
}

BENCHMARK_CAPTURE(shipped_catalogue, resnet50_train, "resnet50-train")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(shipped_catalogue, llama3_8b_finetune, "llama3-8b-finetune")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(shipped_catalogue, llama3_8b_serve, "llama3-8b-serve")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(synthetic_offers, resnet50_train, "resnet50-train")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(synthetic_offers, llama3_8b_finetune, "llama3-8b-finetune")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(synthetic_offers, llama3_8b_serve, "llama3-8b-serve")->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
