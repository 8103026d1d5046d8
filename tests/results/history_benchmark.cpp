// Time of reading a folder of 10,000 run files: without an index, building one, and with one. Files lie in the page
// cache.
#include "core/file.hpp"
#include "results/history.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace gpubench::results;

/// So many run files of so many measurements with 100 samples each.
class many_runs {
 public:
  many_runs(int files, int measurements) {
    run whole = sample_run();
    whole.measurements.clear();
    for (int i = 0; i < measurements; ++i) {
      auto m = sample_measurement(64 * (i + 1));
      for (int j = 0; j < 100; ++j) m.samples_ns.push_back(1000.0 + j / 7.0);
      complete(m);
      whole.measurements.push_back(m);
    }
    const auto text = to_json(whole).dump(1);
    bytes_ = text.size();
    const auto hour_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
    fs::create_directories(runs());
    for (int i = 0; i < files; ++i) {
      const auto file = runs() / (std::to_string(i) + ".json");
      std::ofstream(file) << text;
      fs::last_write_time(file, hour_ago);
    }
  }
  fs::path runs() const { return root_ / "runs"; }
  fs::path index() const { return root_ / "index"; }
  std::size_t bytes() const { return bytes_; }

 private:
  gpubench::temporary_folder made_;
  fs::path root_ = made_.path();
  std::size_t bytes_ = 0;
};

void first_time(benchmark::State& state) {
  const many_runs all(10'000, static_cast<int>(state.range(0)));
  for (auto _ : state) {
    fs::remove(all.index());
    benchmark::DoNotOptimize(load_history(all.runs(), all.index()));
  }
  state.counters["bytes_a_file"] = static_cast<double>(all.bytes());
}

void with_index(benchmark::State& state) {
  const many_runs all(10'000, static_cast<int>(state.range(0)));
  load_history(all.runs(), all.index());
  for (auto _ : state) benchmark::DoNotOptimize(load_history(all.runs(), all.index()));
  state.counters["index_bytes"] = static_cast<double>(fs::file_size(all.index()));
}

BENCHMARK(first_time)->Arg(1)->Arg(8)->Arg(40)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(with_index)->Arg(1)->Arg(8)->Arg(40)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
