#include "cli/machine_checks.hpp"

#include "bench/clock.hpp"
#include "bench/device_flush_check.hpp"
#include "bench/host/flush_check.hpp"
#include "bench/machine.hpp"
#include "cli/devices.hpp"

#include <algorithm>

namespace gpubench::cli {

comparison::timer_check check_timer() {
  constexpr int readings = 100000;
  comparison::timer_check found;
  const auto start = bench::steady_now();
  auto last = start;
  for (int i = 0; i < readings; ++i) {
    const auto now = bench::steady_now();
    const auto step = static_cast<double>((now - last).count());
    if (step > 0 && (found.resolution_ns == 0 || step < found.resolution_ns)) found.resolution_ns = step;
    last = now;
  }
  found.read_ns = static_cast<double>((last - start).count()) / readings;
  return found;
}

flush_findings check_flushes(const measuring_options& asked) {
  auto found = find_benchmarks(asked.backend);
  if (!asked.devices.empty()) keep_devices(found.benchmarks, asked.devices, found.gpus, found.cuda_status);
  const auto environment = bench::discover_machine();
  const auto where = bench::describe_machine(environment);
  flush_findings findings;
  const bool with_cpu = std::any_of(found.benchmarks.begin(), found.benchmarks.end(),
                                    [](const auto& definition) { return definition.device == "cpu"; });
  if (with_cpu) {
    if (const auto times = bench::check_flush(where)) {
      findings.checks.push_back({"cpu", times->bytes, times->hot_ns, times->cold_ns});
    } else {
      findings.unknown.emplace_back("cpu: memory is too small for it");
    }
  }
  for (const auto& gpu : bench::check_device_flushes(found.benchmarks, where)) {
    if (gpu.times) {
      findings.checks.push_back({gpu.device, gpu.times->bytes, gpu.times->hot_ns, gpu.times->cold_ns});
    } else {
      findings.unknown.push_back(gpu.device + ": " + gpu.problem);
    }
  }
  return findings;
}

}  // namespace gpubench::cli
