#include "bench/cuda/module/tuning.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gpubench::cuda {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// Candidates with scripted times; a measurement takes as long as it says.
struct scripted_candidates {
  std::vector<double> times_ns;
  std::vector<int> runs = std::vector<int>(times_ns.size(), 0);
  nanoseconds clock{0};
  std::function<double(std::size_t candidate, int run)> disturbance = [](std::size_t, int) { return 0.0; };

  tuning_result choose(nanoseconds limit) {
    return fastest_of(
        times_ns.size(),
        [this](std::size_t i) {
          const double time_ns = times_ns[i] + disturbance(i, runs[i]++);
          clock += nanoseconds(static_cast<std::int64_t>(time_ns));
          return time_ns;
        },
        [this] { return clock; }, limit);
  }
};

TEST(tuning, finds_the_fastest_and_looks_again_only_at_the_close_ones) {
  scripted_candidates field{{1500, 1040, 1000, 1160, 1020}};
  const auto found = field.choose(1s);
  EXPECT_EQ(found.best, 2u);
  EXPECT_EQ(found.measured, 5u);
  EXPECT_EQ(found.finalists, 3u);
  EXPECT_EQ(field.runs, (std::vector<int>{1, 5, 5, 1, 5}));
}

TEST(tuning, one_disturbed_or_lucky_run_does_not_decide) {
  scripted_candidates field{{1000, 1010}};
  field.disturbance = [](std::size_t candidate, int run) {
    if (run > 0) return 0.0;
    return candidate == 0 ? 30.0 : -40.0;
  };
  EXPECT_EQ(field.choose(1s).best, 0u);
}

TEST(tuning, at_most_eight_are_measured_again) {
  scripted_candidates field{std::vector<double>(40, 1000.0)};
  const auto found = field.choose(1s);
  EXPECT_EQ(found.finalists, 8u);
  EXPECT_EQ(found.best, 0u);  // of equals the first, which is the most promising
}

TEST(tuning, ends_when_its_time_is_up) {
  scripted_candidates slow{{6e8, 5e8, 4e8, 3e8}};
  const auto found = slow.choose(1s);
  EXPECT_EQ(found.measured, 2u);
  EXPECT_EQ(found.best, 1u);
  EXPECT_EQ(slow.runs, (std::vector<int>{1, 1, 0, 0}));
}

TEST(tuning, a_single_candidate_is_measured_once_even_without_time) {
  scripted_candidates field{{1000}};
  const auto found = field.choose(0s);
  EXPECT_EQ(found.best, 0u);
  EXPECT_EQ(field.runs, std::vector<int>{1});
}

TEST(tuning, work_too_short_for_the_clock_is_no_trouble) {
  scripted_candidates field{{0, 0, 0}};
  EXPECT_EQ(field.choose(1s).measured, 3u);
}

}  // namespace
}  // namespace gpubench::cuda
