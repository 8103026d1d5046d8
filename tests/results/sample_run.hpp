#pragma once

#include "results/run.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace gpubench::results {

inline measurement sample_measurement(std::int64_t size = 1024) {
  measurement m;
  m.benchmark = "gemm_fp32";
  m.params = {{"m", size}, {"n", size}, {"k", size}, {"layout", std::string("row")}};
  m.backend = "host";
  m.device = "cpu";
  m.work.flop = 2.0 * static_cast<double>(size * size * size);
  m.samples_ns = {1000.25, 1001.125, 999.1, 1000.3, 1.0 / 3.0 * 3000, 1002, 1000.7};
  m.stopped_by = stop_reason::converged;
  m.verification = verification{"128 entries of C against double precision", 1e-7, 1e-5};
  m.telemetry.clock_hertz = 2.9e9;
  m.telemetry.competing_load = 0.0;
  m.peak = peak_fraction{0.83, "dense peak fp32", 1.7e12, "measured clock x FMA width"};
  m.warnings = {"other programs used 4 % of the CPU"};
  complete(m);
  return m;
}

inline measurement sample_without_time(measurement_status status) {
  measurement m;
  m.benchmark = "gemm_bf16";
  m.params = {{"m", std::int64_t{-1}}};
  m.backend = "cuda";
  m.device = "gpu0";
  m.status = status;
  m.reason = "no NVIDIA driver";
  return m;
}

inline run sample_run() {
  run r;
  r.id = "20261122T100405Z-1a2b3c";
  r.started_at = "2026-11-22T10:04:05Z";
  r.finished_at = "2026-11-22T10:05:00Z";
  r.tool_version = "0.1.0";
  r.suite = "quick";
  r.budget_seconds = 60;
  auto& e = r.environment;
  e.operating_system = "Debian GNU/Linux 12";
  e.memory_bytes = 8e9;
  e.cpu.model = "Intel(R) Xeon(R) Processor";
  e.cpu.family = 6;
  e.cpu.model_number = 207;
  e.cpu.usable_cpus = 2;
  e.cpu.features = {"avx2", "avx512f"};
  e.cpu.l2_bytes = 2097152;
  e.cloud = cloud_environment{"aws", "m7i.large", "DMI"};
  e.gpu_status = "1 GPU";
  gpu_environment gpu;
  gpu.name = "NVIDIA A10G";
  gpu.ecc = true;
  gpu.memory_bytes = 24e9;
  e.gpus = {gpu};
  e.libraries = {{"openblas", "0.3.21"}};
  e.variables = {{"OMP_NUM_THREADS", "2"}};
  r.measurements = {sample_measurement(), sample_without_time(measurement_status::skipped),
                    sample_without_time(measurement_status::failed)};
  return r;
}

}  // namespace gpubench::results
