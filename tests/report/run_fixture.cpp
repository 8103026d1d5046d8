#include "run_fixture.hpp"

#include <array>

namespace gpubench::report::test {
namespace {

results::measurement measured(const std::string& benchmark, results::parameters params, double median_ns,
                              double relative_width) {
  results::measurement m;
  m.benchmark = benchmark;
  m.params = std::move(params);
  m.backend = "host";
  m.device = "cpu";
  for (int i = 0; i < 11; ++i) m.samples_ns.push_back(median_ns * (1 + relative_width * (i - 5) / 5));
  m.verification = results::verification{"128 entries against a double-precision sum", 2.5e-8, 1e-5};
  m.stopped_by = results::stop_reason::converged;
  return m;
}

}  // namespace

void add_measurements(results::run& run) {
  const results::peak_fraction dense{0, "dense peak fp32", 153.6e9,
                                     "cpus.csv: 32 FLOP a cycle, 2 cores, 2.4 GHz measured"};
  for (const std::int64_t n : {256, 512, 1024, 2048}) {
    const double flop = 2.0 * static_cast<double>(n * n * n), bytes = 12.0 * static_cast<double>(n * n);
    auto m = measured("gemm_fp32", {{"m", n}, {"n", n}, {"k", n}}, flop / (n == 256 ? 96.0 : 128.4), 0.012);
    m.work = {flop, bytes, {}, ""};
    m.peak = dense;
    m.peak->fraction = (n == 256 ? 96e9 : 128.4e9) / dense.peak;
    if (n == 512) m.telemetry.competing_load = 0.14;
    run.measurements.push_back(m);
  }
  const double mebi = 1024.0 * 1024.0;
  for (const auto& [name, rate] : {std::pair{"stream_copy", 17.9}, {"stream_triad", 18.23}, {"stream_read", 21.4}}) {
    auto m = measured(name, {{"bytes", std::int64_t{268435456}}}, 3 * 256 * mebi / rate, 0.004);
    m.work = {
        std::string(name) == "stream_triad" ? std::optional(2 * 32 * mebi) : std::nullopt, 3 * 256 * mebi, {}, ""};
    run.measurements.push_back(m);
  }
  for (int i = 0; i < 4; ++i) {
    auto m = measured("convolution_forward", {{"c_in", std::int64_t{64} << i}, {"c_out", std::int64_t{64} << i}},
                      2.1e6 * (i + 1), 0.02);
    m.work = {2.1e8 * (i + 1) * (1 - 0.12 * i), 6.1e6 * (i + 1) / (1 + i), {}, ""};
    m.peak = dense;
    m.peak->fraction = 0.65 - 0.08 * i;
    run.measurements.push_back(m);
  }
  auto network = measured("resnet50_inference", {{"batch", std::int64_t{8}}}, 412e6, 0.03);
  network.work = {8 * 8.18e9, 8 * 1.9e8, 8.0, "image"};
  network.stopped_by = results::stop_reason::time_limit;
  network.warnings = {"interval 3 % of the median when its share of the budget was used up"};
  run.measurements.push_back(network);
  const std::array<double, 9> latency_ns{1.2, 1.2, 4.1, 4.4, 5.2, 22, 31, 92, 118};
  for (std::size_t i = 0; i < latency_ns.size(); ++i) {
    auto m = measured("memory_latency", {{"bytes", std::int64_t{16384} << (2 * i)}}, latency_ns[i] * 1e6, 0.01);
    m.work = {{}, {}, 1e6, "load"};
    run.measurements.push_back(m);
  }
}

void add_gpu_measurements(results::run& run) {
  results::gpu_environment gpu;
  gpu.name = "NVIDIA H200";
  run.environment.gpus.push_back(gpu);
  for (const std::int64_t n : {4096, 8192}) {
    const double flop = 2.0 * static_cast<double>(n * n * n);
    auto m = measured("gemm_fp32", {{"m", n}, {"n", n}, {"k", n}}, flop / 50e3, 0.01);
    m.work = {flop, 12.0 * static_cast<double>(n * n), {}, ""};
    m.peak = results::peak_fraction{50 / 66.9, "dense peak fp32", 66.9e12, "gpus.csv: H200-SXM-141GB"};
    m.device = "gpu0";
    run.measurements.push_back(m);
  }
  auto copy = measured("stream_copy", {{"bytes", std::int64_t{1} << 30}}, 0x1p31 / 4.2e3, 0.01);
  copy.work = {{}, 0x1p31, {}, ""};
  copy.peak = results::peak_fraction{4.2 / 4.8, "memory bandwidth", 4.8e12, "gpus.csv: H200-SXM-141GB"};
  copy.device = "gpu0";
  run.measurements.push_back(copy);
}

void add_watched_measurements(results::run& run) {
  const double flop = 2.0 * 8192 * 8192 * 8192;
  auto soaked = measured("gemm_bf16", {{"n", std::int64_t{8192}}}, flop / 700e3, 0.01);
  soaked.backend = "cuda";
  soaked.device = "gpu0";
  soaked.phase = results::measurement_phase::soak;
  soaked.work.flop = flop;
  soaked.work.bytes = 3 * 2.0 * 8192 * 8192;
  soaked.peak = results::peak_fraction{700 / 989.4, "dense peak bf16", 989.4e12, "gpus.csv: H200-SXM-141GB"};
  soaked.telemetry.clock_hertz = 1.5e9;
  soaked.telemetry.power_watts = 690;
  soaked.telemetry.power_limit_watts = 700;
  soaked.telemetry.temperature_celsius = 71;
  soaked.telemetry.energy_joules = 690 * 11 * flop / 700e12;
  soaked.telemetry.throttle_reasons = {"sw_power_cap"};
  soaked.telemetry.throttled_samples = {{0, 1, 2}};
  soaked.telemetry.samples_by_throttle = {{"sw_power_cap", 3}};
  soaked.telemetry.seconds_to_throttle = 1.25;
  soaked.warnings = {"3 of 11 samples ran under: sw_power_cap"};
  soaked.method = {{"cache_state", "cold"}, {"soak", "settled after 20.0 s"}};
  run.measurements.push_back(soaked);
  auto reduce = measured("all_reduce_bf16", {{"bytes", std::int64_t{1} << 30}}, 0x1p30 / 200, 0.01);
  reduce.backend = "cuda";
  reduce.device = "gpu0-1";
  reduce.work.bytes = 0x1p30;
  reduce.work.bus_bytes = 1.75 * 0x1p30;
  reduce.peak = results::peak_fraction{350 / 450.0, "peer link bandwidth", 450e9, "gpus.csv: H200-SXM-141GB"};
  run.measurements.push_back(reduce);
}

void add_collective(results::run& run) {
  for (int i = 0; i < 5; ++i) {
    const std::int64_t bytes = std::int64_t{1} << (14 + 4 * i);
    auto m = measured("all_reduce", {{"bytes", bytes}, {"ranks", std::int64_t{2}}},
                      20e3 + static_cast<double>(bytes) / 40, 0.02);
    m.device = "gpu0-1";
    m.work = {{}, static_cast<double>(bytes), {}, "", static_cast<double>(bytes)};
    run.measurements.push_back(m);
  }
}

void add_stated_measurements(results::run& run) {
  for (int i = 0; i < 6; ++i) {
    const std::int64_t bytes = std::int64_t{1} << (14 + 4 * i);
    results::measurement m;
    m.benchmark = "all_reduce";
    m.params = {{"bytes", bytes}, {"ranks", std::int64_t{2}}};
    m.backend = "cuda";
    m.device = "gpu0-1";
    m.work = {{}, static_cast<double>(bytes), {}, "", static_cast<double>(bytes)};
    m.reported.emplace();
    m.reported->time_ns.mean = 30e3 + static_cast<double>(bytes) / 55;
    m.rate.bytes_per_second = m.rate.busbw_bytes_per_second =
        static_cast<double>(bytes) / *m.reported->time_ns.mean * 1e9;
    run.measurements.push_back(m);
  }
  results::measurement copy;
  copy.benchmark = "stream_copy";
  copy.params = {{"bytes", std::int64_t{268435456}}};
  copy.backend = "cuda";
  copy.device = "gpu0";
  copy.work.bytes = 3.0 * 268435456;
  copy.rate.bytes_per_second = 25e9;
  copy.reported.emplace();
  copy.reported->time_ns.mean = 3.0 * 268435456 / 25.0;
  copy.warnings = {"the rate is that of the smallest time"};
  run.measurements.push_back(copy);
}

void add_failures(results::run& run) {
  auto skipped = measured("gemm_bf16", {{"m", std::int64_t{1024}}}, 1, 0);
  skipped.samples_ns.clear();
  skipped.verification.reset();
  skipped.stopped_by.reset();
  skipped.status = results::measurement_status::skipped;
  skipped.reason = "the CPU has neither AMX nor AVX512-BF16";
  run.measurements.push_back(skipped);
  auto failed = skipped;
  failed.benchmark = "stream_scale";
  failed.status = results::measurement_status::failed;
  failed.reason = "wrong result: error 3.1e-2 above tolerance 1e-12";
  failed.verification = results::verification{"every element", 3.1e-2, 1e-12};
  run.measurements.push_back(failed);
}

std::unique_ptr<results::run> make_run() {
  auto run = std::make_unique<results::run>();
  run->id = "2026-11-22T10-02-41-7f3a";
  run->started_at = "2026-11-22T10:02:41Z";
  run->finished_at = "2026-11-22T10:03:56Z";
  run->tool_version = "0.1.0";
  run->suite = "quick";
  run->budget_seconds = 60;
  auto& machine = run->environment;
  machine.operating_system = "Debian GNU/Linux 12 (bookworm)";
  machine.kernel = "6.1.0-26-amd64";
  machine.hypervisor = "KVM";
  machine.cpu.model = "Intel(R) Xeon(R) Processor @ 2.40GHz";
  machine.cpu.microarchitecture = "Sapphire Rapids";
  machine.cpu.sockets = 1;
  machine.cpu.physical_cores = 2;
  machine.cpu.logical_cpus = 4;
  machine.cpu.usable_cpus = 2;
  machine.cpu.features = {"avx2", "fma", "avx512f"};
  machine.cpu.l1d_bytes = 48 * 1024.0;
  machine.cpu.l2_bytes = 2048 * 1024.0;
  machine.cpu.l3_bytes = 105 * 1024 * 1024.0;
  machine.cpu.measured_clock_hertz = 2.4e9;
  machine.memory_bytes = 16 * 1024.0 * 1024 * 1024;
  machine.cloud = results::cloud_environment{"aws", "c7i.xlarge", "DMI"};
  machine.gpu_status = "no NVIDIA driver (libnvidia-ml.so.1 not found)";
  machine.libraries = {{"openblas", "0.3.21"}, {"onednn", "2.7.2"}};
  machine.variables = {{"OMP_NUM_THREADS", "2"}};
  return run;
}

void complete_all(results::run& run) {
  for (auto& m : run.measurements) results::complete(m);
}

}  // namespace gpubench::report::test
