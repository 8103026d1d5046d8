// Time of the exhaustive search over 1 to 5,000 GPUs, in nodes of eight H100 with 400 GB/s of network each, for three
// models one after the other. The costs that the search is given are made outside of the timed part.
#include "planner/calibration.hpp"
#include "planner/training.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/language_model.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace gpubench;

const std::string data_directory = std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data";

planner::training_costs costs_of(const std::string& model_name, int devices) {
  static const planner::calibration efficiencies = [] {
    planner::calibration loaded = planner::calibration::load(data_directory);
    loaded.use_operators(predictor::load_operator_calibration(data_directory));
    return loaded;
  }();
  static const profiles::catalogue known = profiles::load_catalogue(data_directory);
  static const std::vector<profiles::language_model> models = profiles::load_language_models(data_directory);
  profiles::workload what;
  what.kind = profiles::workload_kind::transformer_train;
  what.unit = "token";
  what.precision = models::precision::bf16;
  what.transformer = profiles::find_language_model(models, model_name).shape;
  what.sequence_length = 4096;
  what.batch_per_device = 8;
  what.global_batch_sequences = 2048;
  profiles::instance node;
  node.gpu = "H100-SXM5-80GB";
  node.gpu_count = 8;
  node.gpu_interconnect = profiles::interconnect::nvswitch;
  node.network_bits_per_second = 3200e9;
  const planner::device on = planner::device_of(node, known).found.value();
  planner::device_model model(on, efficiencies.operators());
  planner::system_under_plan system;
  system.device = &on;
  system.model = &model;
  system.links = planner::fabric_of(node, on.gpu, devices / node.gpu_count);
  planner::step_library steps(what);
  return planner::timed_costs(system, steps, what.precision, devices);
}

void splits_of_three_models(benchmark::State& state) {
  const int devices = static_cast<int>(state.range(0));
  std::vector<planner::training_costs> all;
  for (const char* const name : {"llama3-8b", "llama3-70b", "llama3.1-405b"}) all.push_back(costs_of(name, devices));
  planner::training_space space;
  space.devices = devices;
  space.prune = state.range(1) != 0;
  double splits = 0, fastest = 0;
  for (auto _ : state) {
    splits = fastest = 0;
    for (const planner::training_costs& costs : all) {
      const planner::training_front front = planner::search_training(costs, space);
      splits += static_cast<double>(front.splits);
      if (!front.choices.empty()) fastest = front.choices.back().sequences_per_second;
    }
    benchmark::DoNotOptimize(fastest);
  }
  state.counters["splits"] = splits;
  state.counters["sequences_per_second_of_the_last"] = fastest;
}
BENCHMARK(splits_of_three_models)
    ->ArgNames({"devices", "prune"})
    ->Args({512, 1})
    ->Args({5000, 1})
    ->Args({5000, 0})
    ->Unit(benchmark::kMillisecond);

}  // namespace
