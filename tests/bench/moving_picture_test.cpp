#include "bench/video/moving_picture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace gpubench::video {
namespace {

TEST(moving_picture, stays_within_the_range_of_video) {
  const moving_picture made(322, 180);
  for (std::uint32_t number = 0; number < moving_picture::pictures; ++number) {
    const auto picture = made.nv12(number);
    ASSERT_EQ(picture.size(), 322U * 180 * 3 / 2);
    const auto [least, most] = std::minmax_element(picture.begin(), picture.end());
    EXPECT_GE(*least, 16);
    EXPECT_LE(*most, 235);
    EXPECT_GT(*most - *least, 100) << "an even picture would be coded in no time";
  }
}

TEST(moving_picture, moves_and_is_the_same_each_time) {
  const moving_picture made(320, 180), again(320, 180);
  const auto first = made.nv12(0), second = made.nv12(1);
  EXPECT_EQ(first, again.nv12(0));
  // Most of the ground is six pixels further; what is not is under a disc.
  int same_place = 0, moved = 0, all = 0;
  for (std::size_t y = 0; y < 180; ++y) {
    for (std::size_t x = 0; x + 6 < 320; ++x, ++all) {
      same_place += second[y * 320 + x] == first[y * 320 + x];
      moved += second[y * 320 + x] == first[y * 320 + x + 6];
    }
  }
  EXPECT_GT(moved, all * 6 / 10);
  EXPECT_LT(same_place, all / 2);
}

TEST(moving_picture, is_made_of_sizes_smaller_than_its_discs) {
  EXPECT_EQ(moving_picture(2, 2).nv12(15).size(), 6U);
}

}  // namespace
}  // namespace gpubench::video
