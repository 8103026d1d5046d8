#pragma once

#include "bench/device_watch.hpp"
#include "results/measurement.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::bench {

/// Why a GPU's clock is below what it could be, as bits of one mask.
/// Source: NVIDIA, "NVML API Reference Guide", nvmlClocksEventReasons (before driver 535 nvmlClocksThrottleReasons).
namespace clock_reason {
inline constexpr std::uint64_t gpu_idle = 0x1;
inline constexpr std::uint64_t applications_clocks_setting = 0x2;
inline constexpr std::uint64_t sw_power_cap = 0x4;
inline constexpr std::uint64_t hw_slowdown = 0x8;  ///< also set with the two hardware reasons below
inline constexpr std::uint64_t sync_boost = 0x10;
inline constexpr std::uint64_t sw_thermal_slowdown = 0x20;
inline constexpr std::uint64_t hw_thermal_slowdown = 0x40;
inline constexpr std::uint64_t hw_power_brake_slowdown = 0x80;
inline constexpr std::uint64_t display_clock_setting = 0x100;
}  // namespace clock_reason

/// Names of the reasons in a mask that slow a GPU down against its owner's will: "sw_power_cap". Being idle and clocks
/// that someone set are none.
std::vector<std::string> slowdown_names(std::uint64_t reasons);

/// What the driver said of one GPU at one moment; absent where it did not.
struct gpu_reading {
  std::chrono::nanoseconds at{0};  ///< steady clock
  std::optional<double> sm_clock_hertz, memory_clock_hertz;
  std::optional<double> power_watts, power_limit_watts;
  std::optional<double> temperature_celsius, memory_temperature_celsius;
  std::optional<std::uint64_t> clock_reasons;
  std::optional<int> pcie_generation, pcie_width;
  std::optional<int> other_processes;  ///< seldom asked: the driver takes milliseconds for it

  /// Nothing was learned: the GPU is lost, or may not be asked.
  bool is_empty() const;
};

/// The readings of one GPU, in order of time.
struct gpu_history {
  std::vector<gpu_reading> readings;
  std::optional<double> max_sm_clock_hertz;
};

/// Number of others among the processes that the driver lists for a GPU on which this process has work: one of the
/// listed is this process. In a container it stands there under a number of the host's, so numbers are not compared.
/// Nothing for an empty list: a driver that does not even show this process shows none.
std::optional<int> other_processes(const std::vector<unsigned>& listed);

/// The class of a sample whose own clock is low although the driver names no reason.
inline constexpr const char* low_clock_class = "clock below 75 % of maximum";
inline constexpr double low_clock_fraction = 0.75;
/// From here on a sample's own clock says that nothing slowed it: the driver names the reason of a slowdown for some
/// 100 ms after it has ended.
inline constexpr double full_clock_fraction = 0.98;

/// Adds to a measurement what the GPUs that it ran on were seen to do: clocks, power, temperatures and PCIe link over
/// the timed samples (means and medians over the GPUs; power is their sum), and the samples that ran throttled, by
/// reason, with a sentence. A reading speaks for the time nearer to it than to its neighbours, at most 100 ms: a sample
/// is throttled when a reading that names a slowdown speaks for part of it, unless its own clock was at least 98 % of
/// the GPU's maximum, or else when that clock was below 75 %. No sample is dropped.
void add_gpu_history(results::measurement& m, const std::vector<gpu_history>& gpus, const timed_window& timed);

}  // namespace gpubench::bench
