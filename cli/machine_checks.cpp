#include "cli/machine_checks.hpp"

#include "bench/clock.hpp"
#include "bench/host/flush_check.hpp"
#include "bench/machine.hpp"

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

std::vector<comparison::flush_check> check_flushes() {
  const auto environment = bench::discover_machine();
  const auto times = bench::check_flush(bench::describe_machine(environment));
  if (!times) return {};
  return {{"cpu", times->bytes, times->hot_ns, times->cold_ns}};
}

}  // namespace gpubench::cli
