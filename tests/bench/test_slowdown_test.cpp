#include "bench/test_slowdown.hpp"

#include "bench/clock.hpp"
#include "core/error.hpp"

#include <gmock/gmock.h>

#include "tests/bench/scripted_benchmark.hpp"

namespace gpubench::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Works for a millisecond and says that it was one of a thousand repetitions.
class busy_case : public prepared_case {
 public:
  std::chrono::duration<double, std::nano> sample() override {
    const auto start = steady_now();
    while (steady_now() - start < std::chrono::milliseconds(1)) {
    }
    return std::chrono::microseconds(1);
  }
  results::verification verify() override { return {"nothing", 0.25, 0.5}; }
  std::map<std::string, std::string> method() override { return {{"cache_state", "hot"}}; }
};

std::vector<benchmark_definition> busy_benchmarks() {
  scripted_clock unused;
  auto busy = scripted_benchmark("busy", 1, unused);
  busy.prepare = [](const results::parameters&, const machine&) { return std::make_unique<busy_case>(); };
  auto other = busy;
  other.name = "other";
  return {busy, other};
}

TEST(test_slowdown, stretches_the_call_and_the_time_of_one_repetition_alike) {
  auto benchmarks = busy_benchmarks();
  slow_down(benchmarks, {{"busy", 0.5}});
  const results::environment environment;
  const auto slowed = benchmarks[0].prepare({}, machine{environment});
  const auto start = steady_now();
  const auto time = slowed->sample();
  // Never shorter; how much longer is up to what else runs here.
  EXPECT_GE(steady_now() - start, std::chrono::microseconds(1500));
  EXPECT_GE(time.count(), 1500);
}

TEST(test_slowdown, says_in_notes_and_warnings_what_it_did_and_keeps_the_rest) {
  auto benchmarks = busy_benchmarks();
  slow_down(benchmarks, {{"busy", 0.03}});
  const results::environment environment;
  const auto slowed = benchmarks[0].prepare({}, machine{environment});
  EXPECT_EQ(slowed->method(),
            (std::map<std::string, std::string>{{"cache_state", "hot"}, {"test_slowdown", "3 % on purpose"}}));
  EXPECT_THAT(slowed->warnings(), ElementsAre(HasSubstr("TEST: made 3 % slower on purpose")));
  EXPECT_EQ(slowed->verify().error, 0.25);
}

TEST(test_slowdown, leaves_other_benchmarks_alone) {
  auto benchmarks = busy_benchmarks();
  slow_down(benchmarks, {{"busy", 0.5}});
  const results::environment environment;
  EXPECT_TRUE(benchmarks[1].prepare({}, machine{environment})->warnings().empty());
}

TEST(test_slowdown, refuses_a_benchmark_that_is_not_there) {
  auto benchmarks = busy_benchmarks();
  EXPECT_THROW(slow_down(benchmarks, {{"bussy", 0.5}}), error);
}

TEST(test_slowdown, is_read_as_percentages_or_fractions) {
  EXPECT_THAT(parse_test_slowdowns("gemm_fp64=3%, copy=0.5"),
              ElementsAre(test_slowdown{"gemm_fp64", 0.03}, test_slowdown{"copy", 0.5}));
  for (const char* bad : {"gemm", "=3%", "gemm=", "gemm=0", "gemm=-1%", "gemm=nan", "gemm=2000%", "a=1%,", "gemm=3%%"})
    EXPECT_THROW(parse_test_slowdowns(bad), error) << bad;
}

}  // namespace
}  // namespace gpubench::bench
