#pragma once

#include "bench/registry.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gpubench::bench {

/// A slow-down that somebody asks for, to see whether a comparison finds it: for tests and demonstrations only.
struct test_slowdown {
  std::string benchmark;  ///< its whole name, as "gemm_fp64"
  double fraction = 0;    ///< of its time, that comes on top

  friend bool operator==(const test_slowdown&, const test_slowdown&) = default;
};

/// The variable that asks for it. It begins like the variables that a run file records.
inline constexpr const char* test_slowdown_variable = "GPUBENCH_TEST_SLOWDOWN";

/// "gemm_fp64=3%" or several with commas between; fractions above 0, up to 10 ("1000%").   @throws error: usage
std::vector<test_slowdown> parse_test_slowdowns(std::string_view text);

/// Makes every sample of the named benchmarks take that much longer: after the work the caller's thread is kept busy
/// for the fraction of the time that the whole call took, and the sample's time grows by the ratio that the clock then
/// shows. Their measurements carry a warning and the note "test_slowdown", so that none passes for a figure of the
/// machine.
/// @throws error: usage for a benchmark that is not among them: a left-over variable must not go unseen.
void slow_down(std::vector<benchmark_definition>& benchmarks, const std::vector<test_slowdown>& slowdowns);

}  // namespace gpubench::bench
