#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "comparison/compare.hpp"

namespace gpubench::comparison {

inline results::measurement sample_measurement(const std::string& benchmark, std::vector<double> samples_ns,
                                               const std::string& device = "cpu") {
  results::measurement m;
  m.benchmark = benchmark;
  m.backend = device == "cpu" ? "host" : "cuda";
  m.device = device;
  m.work.flop = 1e6;
  m.samples_ns = std::move(samples_ns);
  results::complete(m);
  return m;
}

inline results::run sample_run(const std::string& id, std::vector<results::measurement> measurements) {
  results::run run;
  run.id = id;
  run.started_at = "2026-11-22T10:04:05Z";
  run.tool_version = "0.1.0";
  run.suite = "quick";
  run.environment.cpu.model = "Xeon";
  run.environment.cpu.usable_cpus = 2;
  run.environment.cpu.governor = "performance";
  run.environment.libraries = {{"openblas", "0.3.21"}, {"cublas", "13.1"}};
  run.environment.gpu_driver_version = "560.35";
  results::gpu_environment gpu;
  gpu.name = "NVIDIA L4";
  gpu.power_limit_watts = 72;
  gpu.ecc = true;
  run.environment.gpus = {gpu};
  run.measurements = std::move(measurements);
  return run;
}

/// Runs of one benchmark, each of 20 samples around its time with a spread of about 0.1 %.
inline side sample_side(const std::string& name, const std::vector<double>& run_times_ns,
                        const std::string& device = "cpu") {
  side made{name, {}};
  for (const double time : run_times_ns) {
    std::vector<double> samples;
    for (int i = 0; i < 20; ++i) samples.push_back(time * (1 + 0.001 * ((i * 7) % 11 - 5) / 5));
    made.runs.push_back(
        sample_run(fmt::format("{}-{}", name, made.runs.size()), {sample_measurement("gemm", samples, device)}));
  }
  return made;
}

/// Of sides with one benchmark.
inline comparison_row only_row(const side& base, const side& fresh, const criteria& by = {}) {
  const auto result = compare(base, fresh, by);
  EXPECT_EQ(result.rows.size(), 1u);
  return result.rows.at(0);
}

/// Times of five runs, in ns, within 0.1 % of 1000; and the same times a factor.
inline const std::vector<double> quiet{1000, 1001, 999, 1000.5, 999.5};
inline std::vector<double> scaled(double factor) {
  std::vector<double> times;
  for (const double time : quiet) times.push_back(time * factor);
  return times;
}

}  // namespace gpubench::comparison
