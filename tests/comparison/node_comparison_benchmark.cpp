// Time of reading and ranking 1,000 node results of the size of the standard suite: 8 GPUs with 60 benchmarks each and
// 40 on the CPU, 100 samples each. Files lie in the page cache. The argument is the number of GPUs.
#include "results/run_figures.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "comparison/node_comparison.hpp"
#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace gpubench;

constexpr int nodes = 1000;

class node_files {
 public:
  explicit node_files(int gpus) {
    for (int i = 0; i < nodes; ++i) write(i, gpus);
  }
  fs::path file(int node) const { return root_ / (std::to_string(node) + ".json"); }
  double bytes() const { return bytes_; }

 private:
  void add(results::run& run, int number, const char* backend, const std::string& device) {
    auto m = results::sample_measurement(64 * (number + 1));
    m.backend = backend;
    m.device = device;
    m.samples_ns.clear();
    for (int j = 0; j < 100; ++j) m.samples_ns.push_back(1e6 * std::exp(noise_(random_)));
    results::complete(m);
    run.measurements.push_back(std::move(m));
  }
  void write(int node, int gpus) {
    auto run = results::sample_run();
    run.id = std::to_string(node);
    run.measurements.clear();
    run.environment.gpus.clear();
    for (int i = 0; i < 40; ++i) add(run, i, "host", "cpu");
    for (int gpu = 0; gpu < gpus; ++gpu) {
      run.environment.gpus.emplace_back();
      run.environment.gpus.back().index = gpu;
      run.environment.gpus.back().name = "NVIDIA H100";
      for (int i = 0; i < 60; ++i) add(run, i, "cuda", "gpu" + std::to_string(gpu));
    }
    const auto text = to_json(run).dump(1);
    bytes_ += static_cast<double>(text.size());
    std::ofstream(file(node)) << text;
  }

  temporary_folder made_;
  fs::path root_ = made_.path();
  double bytes_ = 0;
  std::mt19937_64 random_{1};
  std::normal_distribution<double> noise_{0, 0.01};
};

void rank_nodes(benchmark::State& state) {
  const node_files files(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    std::vector<results::run_candidate> candidates;
    for (int i = 0; i < nodes; ++i) candidates.push_back({files.file(i)});
    auto figures = results::load_candidates(candidates);
    std::vector<comparison::measured_node> all;
    for (int i = 0; i < nodes; ++i)
      all.push_back({std::to_string(i), *std::move(figures[static_cast<std::size_t>(i)])});
    benchmark::DoNotOptimize(comparison::compare_nodes(all, {}));
  }
  state.counters["bytes_a_file"] = files.bytes() / nodes;
}

BENCHMARK(rank_nodes)->Arg(0)->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
