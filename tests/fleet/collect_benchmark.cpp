// Time of collecting 1,000 nodes, each with a run file as large as one of the standard suite on a machine with a GPU or
// two: 210 measurements of 500 samples. Collecting reads and checks every byte; the files are held against what was
// collected, and the node in the middle is found, by reading all of them once more each. Files lie in the page cache.
#include "core/digest.hpp"
#include "core/file.hpp"
#include "results/run.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <fstream>
#include <string>

#include "fleet/campaign_file.hpp"
#include "fleet/collect.hpp"
#include "fleet/collection_file.hpp"
#include "fleet/record.hpp"
#include "fleet/typical.hpp"
#include "fleet/usable_collection.hpp"
#include "tests/fleet/sample_campaign.hpp"
#include "tests/fleet/scripted_engine.hpp"
#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using namespace gpubench;

class measured_campaign {
 public:
  explicit measured_campaign(int nodes) {
    what_.folder = made_.path();
    what_.of = fleet::sample_campaign();
    what_.of.results = made_.path() / "results";
    auto& job = what_.of.jobs.front();
    job.nodes = nodes;
    job.command = {"run", "--suite", "standard"};
    job.gpus_per_node = 2;
    what_.runs_on = &engine_;
    fleet::submission all{job.name, {}, "key", "17", "2026-11-22T10:00:00Z"};
    auto run = results::sample_run();
    run.suite = "standard";
    run.measurements.clear();
    for (int i = 1; i <= 210; ++i) {
      auto m = results::sample_measurement(64 * i);
      for (int j = 0; j < 493; ++j) m.samples_ns.push_back(1000.0 + j / 7.0);
      results::complete(m);
      run.measurements.push_back(m);
    }
    for (int i = 0; i < nodes; ++i) {
      const fleet::task_files files(what_.of.results, job.name, i);
      std::filesystem::create_directories(files.folder);
      run.id = "run-" + std::to_string(i);
      if (text_.empty()) text_ = results::to_json(run).dump(1);
      // Every file another, without composing each anew.
      const auto text = text_ + std::string(static_cast<std::size_t>(i % 97), ' ');
      std::ofstream(files.result) << text;
      const fleet::task_record record{what_.of.id,
                                      job.name,
                                      i,
                                      "node" + std::to_string(i),
                                      1,
                                      "2026-11-22T10:10:00Z",
                                      "2026-11-22T10:15:00Z",
                                      0,
                                      file_digest{text.size(), sha256_hex(text)}};
      std::ofstream(files.record) << fleet::to_json(record).dump(2);
      all.tasks.push_back(i);
    }
    what_.submitted = {what_.of.id, {all}};
  }
  const std::filesystem::path& folder() const { return what_.folder; }
  const fleet::campaign& of() const { return what_.of; }
  fleet::collection collect() const {
    return fleet::collect(what_, std::chrono::system_clock::time_point(std::chrono::hours(24 * 20800)));
  }
  std::size_t bytes() const { return text_.size(); }

 private:
  gpubench::temporary_folder made_;
  fleet::scripted_engine engine_;
  fleet::opened_campaign what_;
  std::string text_;
};

void collecting(benchmark::State& state) {
  const measured_campaign campaign(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const auto found = campaign.collect();
    if (found.count(fleet::collected_state::measured) != found.tasks.size()) state.SkipWithError("not all measured");
  }
  state.counters["bytes_a_node"] = static_cast<double>(campaign.bytes());
}

void holding_against_the_collection(benchmark::State& state) {
  const measured_campaign campaign(static_cast<int>(state.range(0)));
  write_file_atomically(campaign.folder() / fleet::campaign_file_name, fleet::campaign_manifest(campaign.of()).text);
  fleet::save_collection(campaign.folder(), campaign.collect());
  for (auto _ : state) benchmark::DoNotOptimize(fleet::load_usable_collection(campaign.folder()));
}

void finding_the_middle(benchmark::State& state) {
  const measured_campaign campaign(static_cast<int>(state.range(0)));
  const auto found = campaign.collect();
  for (auto _ : state) benchmark::DoNotOptimize(fleet::typical_tasks(found));
}

BENCHMARK(collecting)->Arg(10)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(holding_against_the_collection)->Arg(10)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(finding_the_middle)->Arg(10)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
