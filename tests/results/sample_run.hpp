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

/// A collective on two GPUs, with everything that only a GPU's measurement has.
inline measurement sample_collective() {
  measurement m;
  m.benchmark = "all_reduce_bf16";
  m.params = {{"bytes", std::int64_t{1048576}}};
  m.backend = "cuda";
  m.device = "gpu0-1";
  m.phase = measurement_phase::soak;
  m.work.bytes = 1048576;
  m.work.bus_bytes = 1048576;
  m.samples_ns = {5000, 5100, 5050};
  m.host_ns = {900.0, std::nullopt, 910.5};
  m.clock_samples_hertz = {std::nullopt, 1.9e9, 1.89e9};
  m.stopped_by = stop_reason::time_limit;
  m.telemetry.power_watts = 350;
  m.telemetry.power_limit_watts = 700;
  m.telemetry.memory_clock_hertz = 2.6e9;
  m.telemetry.memory_temperature_celsius = 71;
  m.telemetry.energy_joules = 0.5;
  m.telemetry.pcie_generation = 5;
  m.telemetry.pcie_width = 16;
  m.telemetry.other_processes = 0;
  m.telemetry.throttle_reasons = {"sw_power_cap"};
  m.telemetry.throttled_samples = {{0, 2}};
  m.telemetry.samples_by_throttle = {{"sw_power_cap", 2}};
  m.telemetry.seconds_to_throttle = 1.5;
  m.method = {{"cache_state", "hot"}, {"algorithm", "ring"}};
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
  r.burst = true;
  r.soak_seconds = 20;
  r.backend = "cuda";
  r.devices = {"gpu0"};
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
  gpu_environment slice;
  slice.index = 1;
  slice.name = "NVIDIA A100-SXM4-80GB MIG 1g.10gb";
  slice.pcie_current_generation = 1;
  slice.pcie_max_width = 16;
  slice.nvlinks = 0;
  slice.persistence_mode = true;
  slice.virtualization = "passthrough";
  slice.mig_devices = {"MIG-1", "MIG-2"};
  slice.mig_slice = "1g.10gb";
  slice.mig_compute_share = 14.0 / 98;
  slice.mig_memory_share = 1.0 / 8;
  e.gpus = {gpu, slice};
  e.libraries = {{"openblas", "0.3.21"}};
  e.variables = {{"OMP_NUM_THREADS", "2"}};
  r.measurements = {sample_measurement(), sample_without_time(measurement_status::skipped),
                    sample_without_time(measurement_status::failed), sample_collective()};
  return r;
}

}  // namespace gpubench::results
