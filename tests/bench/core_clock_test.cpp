#include "bench/core_clock.hpp"

#include <gtest/gtest.h>

namespace gpubench::bench {
namespace {

using std::chrono::milliseconds;

TEST(core_clock, is_what_held_for_most_of_the_time) {
  // Three readings of a clock that held for 15 ms, two of one that held for 20 ms.
  EXPECT_EQ(median_clock_hertz({{4.09e9, milliseconds(5)},
                                {4.19e9, milliseconds(10)},
                                {4.09e9, milliseconds(5)},
                                {4.19e9, milliseconds(10)},
                                {4.09e9, milliseconds(5)}}),
            4.19e9);
  EXPECT_EQ(median_clock_hertz({{3e9, milliseconds(0)}}), 3e9);
  EXPECT_EQ(median_clock_hertz({}), std::nullopt);
}

TEST(core_clock, is_known_from_the_first_reading_on) {
  core_clock core;
  EXPECT_FALSE(core.hertz());
  core.read_when_due();
  const auto first = core.hertz();
#if defined(__x86_64__) || defined(__aarch64__)
  ASSERT_TRUE(first);
  EXPECT_GT(*first, 2e8);
  EXPECT_LT(*first, 2e10);
#else
  EXPECT_FALSE(first);
#endif
}

}  // namespace
}  // namespace gpubench::bench
