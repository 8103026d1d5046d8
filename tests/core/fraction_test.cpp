#include "core/fraction.hpp"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

TEST(parse_fraction, takes_numbers_and_percent) {
  for (const auto* text : {"0.05", "5%", " 5 % ", "5e0%"}) EXPECT_EQ(parse_fraction(text), 0.05) << text;
  EXPECT_EQ(parse_fraction("-150%"), -1.5);
  for (const auto* text : {"", "%", "5%%", "%5", "five%", "5 %x"}) EXPECT_FALSE(parse_fraction(text)) << text;
}

}  // namespace
}  // namespace gpubench
