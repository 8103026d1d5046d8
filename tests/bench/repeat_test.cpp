#include "bench/repeat.hpp"

#include <gtest/gtest.h>

#include "tests/bench/scripted_benchmark.hpp"

namespace gpubench::bench {
namespace {

results::measurement measured(const std::string& benchmark, std::int64_t n, const std::string& device = "cpu") {
  results::measurement m;
  m.benchmark = benchmark;
  m.backend = "host";
  m.device = device;
  m.params = {{"n", n}};
  return m;
}

class repeat : public testing::Test {
 protected:
  scripted_clock clock;
  results::environment environment;
  machine where{environment};
  std::vector<benchmark_definition> benchmarks{scripted_benchmark("copy", 3, clock),
                                               scripted_benchmark("gemm", 3, clock)};
};

TEST_F(repeat, takes_the_cases_of_earlier_measurements_each_once_and_drops_other_benchmarks) {
  const auto repeated = repeating(benchmarks, {measured("copy", 2), measured("copy", 7), measured("copy", 2)}, false);
  ASSERT_EQ(repeated.size(), 1U);
  EXPECT_EQ(repeated[0].name, "copy");
  // 7 is of no suite: it may have been measured by another version, and can be measured all the same.
  const std::vector<results::parameters> wanted{{{"n", std::int64_t{2}}}, {{"n", std::int64_t{7}}}};
  EXPECT_EQ(repeated[0].cases(suite::quick, where), wanted);
}

TEST_F(repeat, keeps_to_the_suite_that_is_asked_for) {
  const auto repeated = repeating(benchmarks, {measured("copy", 2), measured("copy", 7)}, true);
  ASSERT_EQ(repeated.size(), 1U);
  const std::vector<results::parameters> wanted{{{"n", std::int64_t{2}}}};
  EXPECT_EQ(repeated[0].cases(suite::quick, where), wanted);
}

TEST_F(repeat, does_not_take_one_device_for_another) {
  EXPECT_TRUE(repeating(benchmarks, {measured("copy", 2, "gpu0"), measured("fft", 1)}, false).empty());
}

TEST_F(repeat, is_planned_like_any_other_run) {
  run_request request;
  const auto repeated = repeating(benchmarks, {measured("gemm", 9), measured("copy", 1)}, false);
  const auto plan = plan_run(repeated, where, request);
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(full_name(plan[0]), "copy/n:1");
  EXPECT_EQ(full_name(plan[1]), "gemm/n:9");
}

}  // namespace
}  // namespace gpubench::bench
