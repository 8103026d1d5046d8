#include "bench/gpu_readings.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

outcome persistence(const facts& machine, const compatibility&) {
  const auto& gpus = machine.machine.gpus;
  std::vector<std::string> off;
  bool known = false;
  for (const auto& gpu : gpus) {
    known = known || gpu.persistence_mode.has_value();
    if (gpu.persistence_mode == false) off.push_back(gpu_name(gpu.index));
  }
  if (!known) return outcome::skipped(no_gpu);
  outcome result;
  if (!off.empty())
    result.findings.push_back({"",
                               severity::warning,
                               fmt::format("persistence mode is off: {}", join(off, ", ")),
                               "the driver lets go of an idle GPU: each first program waits while the GPU starts, and "
                               "settings such as clocks and power limits are lost",
                               {"seconds at each start, none while work runs; no figure is known", std::nullopt,
                                "NVIDIA, Driver Persistence"},
                               "systemctl enable --now nvidia-persistenced, or nvidia-smi -pm 1",
                               {}});
  return result;
}

outcome power_limit(const facts& machine, const compatibility&) {
  outcome result;
  bool known = false;
  for (const auto& gpu : machine.machine.gpus) {
    if (!gpu.power_limit_watts || !gpu.default_power_limit_watts || *gpu.default_power_limit_watts <= 0) continue;
    known = true;
    const double share = *gpu.power_limit_watts / *gpu.default_power_limit_watts;
    if (share > 0.99) continue;
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("{}: power is limited to {:.0f} W, {:.0f} % of the default", gpu_name(gpu.index),
                     *gpu.power_limit_watts, 100 * share),
         "under load the GPU lowers its clock to stay below the limit",
         {"not known: clocks fall by less than power; memory-bound work may lose nothing", std::nullopt, ""},
         fmt::format("nvidia-smi -i {} -pl {:.0f}", gpu.index, *gpu.default_power_limit_watts),
         {fmt::format("enforced {:.0f} W, default {:.0f} W", *gpu.power_limit_watts, *gpu.default_power_limit_watts)}});
  }
  if (!known) return outcome::skipped("the driver does not tell the GPUs' power limits");
  return result;
}

/// Reasons that mean trouble now, with what NVIDIA says of each.
void add_slowdowns(const gpu_health& gpu, outcome& result) {
  using namespace bench::clock_reason;
  const std::string source = "NVIDIA, NVML API Reference Guide, nvmlClocksEventReasons";
  const auto reasons = *gpu.clock_reasons;
  if ((reasons & (hw_slowdown | hw_thermal_slowdown | hw_power_brake_slowdown)) != 0)
    result.findings.push_back({"",
                               severity::warning,
                               fmt::format("{}: the hardware slows the GPU down now ({})", gpu_name(gpu.index),
                                           join(bench::slowdown_names(reasons), ", ")),
                               "temperature, power supply or an external power brake is out of bounds",
                               {"core clocks at half or less", 0.5, source},
                               "see nvidia-smi -q -d PERFORMANCE,TEMPERATURE; check cooling and power of the machine",
                               {source}});
  else if ((reasons & sw_thermal_slowdown) != 0)
    result.findings.push_back({"",
                               severity::warning,
                               fmt::format("{}: the driver slows the GPU down because it is hot", gpu_name(gpu.index)),
                               "GPU or memory is above its temperature limit",
                               {"not known", std::nullopt, ""},
                               "see nvidia-smi -q -d TEMPERATURE; check the air flow",
                               {source}});
}

outcome clocks(const facts& machine, const compatibility&) {
  if (machine.gpus.gpus.empty()) return outcome::skipped(no_gpu);
  outcome result;
  bool known = false;
  for (const auto& gpu : machine.gpus.gpus) {
    const auto& now = gpu.application_clock_hertz;
    const auto& usual = gpu.default_application_clock_hertz;
    known = known || gpu.clock_reasons || (now && usual);
    if (now && usual && *now < *usual * 0.995)
      result.findings.push_back(
          {"",
           severity::warning,
           fmt::format("{}: application clocks are set to {:.0f} MHz, below the default of {:.0f} MHz",
                       gpu_name(gpu.index), *now / 1e6, *usual / 1e6),
           "someone limited the clock; it stays so until it is reset",
           {"compute-bound work, in proportion to the clock", 1 - *now / *usual, "ratio of the two clocks"},
           fmt::format("nvidia-smi -i {} -rac", gpu.index),
           {"nvmlDeviceGetClock"}});
    else if (gpu.clock_reasons && (*gpu.clock_reasons & bench::clock_reason::applications_clocks_setting) != 0)
      result.findings.push_back(
          {"",
           severity::note,
           fmt::format("{}: its clock is held by a setting (locked clocks)", gpu_name(gpu.index)),
           "locked clocks make figures repeat, and may be below what the GPU would reach by itself",
           {"not known", std::nullopt, ""},
           fmt::format("nvidia-smi -i {} -rgc ends the lock", gpu.index),
           {"clocks event reason 0x2, applications clocks setting"}});
    if (gpu.clock_reasons) add_slowdowns(gpu, result);
  }
  if (!known) return outcome::skipped("the driver does not tell the GPUs' clocks");
  return result;
}

}  // namespace

std::vector<check> gpu_setting_checks() {
  return {{"persistence", "the driver keeps idle GPUs ready", persistence},
          {"power-limit", "power limits are the defaults", power_limit},
          {"clocks", "clocks are neither lowered nor slowed down", clocks}};
}

}  // namespace gpubench::doctor
