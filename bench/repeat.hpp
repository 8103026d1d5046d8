#pragma once

#include "bench/registry.hpp"

#include <vector>

namespace gpubench::bench {

/// Benchmarks cut down to the cases of earlier measurements, at their parameters and in their order, whichever suite
/// they came from. Benchmarks without any are left out; so is what none of `benchmarks` measures.
/// @param suite_only  only those that the suite that is asked for has too
std::vector<benchmark_definition> repeating(const std::vector<benchmark_definition>& benchmarks,
                                            const std::vector<results::measurement>& earlier, bool suite_only);

}  // namespace gpubench::bench
