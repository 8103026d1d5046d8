#pragma once

#include <chrono>
#include <optional>

namespace gpubench::bench {

/// Now on the monotonic clock that all timing uses.
std::chrono::nanoseconds steady_now();

/// Core clock under load, from a chain of dependent integer additions, which take one cycle each on every current
/// x86-64 and AArch64 core. The fastest of several runs counts, since every disturbance only slows. Nothing on other
/// architectures. Source: Agner Fog, "Instruction tables", ADD r,r: latency 1; Arm, "Neoverse N1/V1/V2 Software
/// Optimization Guide", "Arithmetic, basic": latency 1.
/// @param runs       the default is long enough for a core to leave its idle clock
/// @param additions  of a run, a multiple of 16; the default takes about a millisecond
std::optional<double> measured_clock_hertz(int runs = 40, int additions = 2'400'000);

}  // namespace gpubench::bench
