#include "core/median.hpp"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

TEST(median_of, is_the_middle_value_or_the_mean_of_the_middle_two) {
  EXPECT_EQ(median_of({3}), 3);
  EXPECT_EQ(median_of({9, 1, 4}), 4);
  EXPECT_EQ(median_of({8, 1, 4, 2}), 3);
}

}  // namespace
}  // namespace gpubench
