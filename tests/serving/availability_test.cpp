#include "serving/availability.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace gpubench::serving {
namespace {

TEST(availability, is_the_binomial_of_the_units_that_are_up) {
  EXPECT_NEAR(availability_of(2, 2, 0.99), 0.9801, 1e-12);
  // 2 of 3: 3 p^2 (1 - p) + p^3.
  EXPECT_NEAR(availability_of(2, 3, 0.99), 3 * 0.9801 * 0.01 + 0.970299, 1e-12);
  EXPECT_EQ(availability_of(4, 3, 0.99), 0);
  EXPECT_EQ(availability_of(0, 3, 0.99), 1);
}

TEST(availability, spares_are_the_fewest_that_reach_the_target) {
  EXPECT_EQ(spares_for(2, 0.99, 0.98), 0);
  EXPECT_EQ(spares_for(2, 0.99, 0.999), 1);   // 0.999702
  EXPECT_EQ(spares_for(2, 0.99, 0.9999), 2);  // 2 of 4: 0.999996
  for (const double target : {0.9, 0.99, 0.999, 0.99999}) {
    const auto spare = spares_for(40, 0.995, target);
    EXPECT_GE(availability_of(40, 40 + spare, 0.995), target);
    EXPECT_TRUE(spare == 0 || availability_of(40, 40 + spare - 1, 0.995) < target) << target;
  }
}

TEST(availability, a_target_out_of_reach_is_refused) {
  try {
    spares_for(10, 0.001, 0.999999);
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::usage);
  }
}

}  // namespace
}  // namespace gpubench::serving
