#pragma once

#include <chrono>
#include <functional>
#include <optional>

namespace gpubench::bench {

/// Now on the monotonic clock that all timing uses.
std::chrono::nanoseconds steady_now();

/// Smallest step of steady_now() that was seen in a few tries.
std::chrono::nanoseconds clock_resolution();

/// Times short work: repeats it until one run lasts at least 100 times the clock's resolution, and returns the time of
/// one. The count is kept, so that later samples repeat equally often.
class repeating_timer {
 public:
  /// @param work  does the work the given number of times
  std::chrono::duration<double, std::nano> time(const std::function<void(long long repetitions)>& work);

  long long repetitions() const { return repetitions_; }

 private:
  long long repetitions_ = 1;
};

/// Core clock under load, from a chain of dependent integer additions, which take one cycle each on every current
/// x86-64 and AArch64 core. The fastest of several runs of about a millisecond counts, since every disturbance only
/// slows. Nothing on other architectures. Source: Agner Fog, "Instruction tables", ADD r,r: latency 1; Arm, "Neoverse
/// N1/V1/V2 Software Optimization Guide", "Arithmetic, basic": latency 1.
std::optional<double> measured_clock_hertz();

}  // namespace gpubench::bench
