#include "core/json_null.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace gpubench {
namespace {

TEST(json_null, is_what_is_unknown_and_never_a_zero_that_is_known) {
  EXPECT_TRUE(or_null(std::optional<int>()).is_null());
  EXPECT_EQ(or_null(std::optional(0)), 0);
  EXPECT_EQ(or_null(std::optional(false)), false);
  EXPECT_EQ(or_null(std::optional(0.0)), 0.0);
  EXPECT_TRUE(or_null(std::optional(std::numeric_limits<double>::infinity())).is_null());
  EXPECT_TRUE(or_null(std::optional(std::numeric_limits<double>::quiet_NaN())).is_null());
  EXPECT_EQ(or_null(std::optional<std::string>("")), "");
  EXPECT_TRUE(text_or_null("").is_null());
  EXPECT_EQ(text_or_null("a"), "a");
}

}  // namespace
}  // namespace gpubench
