#pragma once

#include "core/units.hpp"
#include "results/run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "fleet/collect.hpp"
#include "fleet/record.hpp"
#include "tests/fleet/sample_campaign.hpp"
#include "tests/fleet/scripted_engine.hpp"
#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {

inline constexpr const char* submitted_at = "2026-11-22T10:00:00Z";
inline constexpr const char* collected_at = "2026-11-22T11:00:00Z";

inline std::chrono::system_clock::time_point at(const char* time) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(static_cast<long long>(*parse_utc_seconds(time))));
}

/// Four tasks of one array, all submitted; each measured unless a test says otherwise.
class collecting : public testing::Test {
 protected:
  collecting() {
    what.folder = made.path();
    what.of = sample_campaign();
    what.of.results = made.path() / "results";
    what.runs_on = &engine;
    what.submitted = {what.of.id, {{name, {0, 1, 2, 3}, what.of.id + "-" + name + "-1", "17", submitted_at}}};
    for (int task = 0; task < 4; ++task) measure(task);
  }

  task_files files(int task) const { return {what.of.results, name, task}; }
  void measure(int task) {
    auto run = results::sample_run();
    run.suite = "quick";
    run.id = "run-" + std::to_string(task);
    run.environment.gpus.assign(8, results::gpu_environment{});
    for (int gpu = 0; gpu < 8; ++gpu) {
      run.environment.gpus[gpu].index = gpu;
      run.environment.gpus[gpu].name = "NVIDIA H100 80GB HBM3";
    }
    std::filesystem::create_directories(files(task).folder);
    results::save_run(files(task).result, run);
    record(task, [](task_record&) {});
  }
  template <class Change>
  void record(int task, Change change) {
    task_record one{what.of.id,
                    name,
                    task,
                    "node" + std::to_string(task + 1),
                    1,
                    "2026-11-22T10:10:00Z",
                    "2026-11-22T10:12:00Z",
                    0,
                    digest_of_file(files(task).result)};
    change(one);
    save_record(files(task).record, one);
  }
  collection collected() const { return collect(what, at(collected_at)); }
  collected_task collected(std::size_t task) const { return collected().tasks.at(task); }

  const std::string name = "p5-48xlarge";
  temporary_folder made;
  scripted_engine engine;
  opened_campaign what;
};

}  // namespace gpubench::fleet
