#include "kernels/image_pooling.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace gpubench::kernels {
namespace {

TEST(image_pooling, halves_sizes_as_the_network_does) {
  EXPECT_EQ(pooled_size(112), 56);
  EXPECT_EQ(pooled_size(32), 16);
  EXPECT_EQ(pooled_size(7), 4);
  EXPECT_EQ(pooled_size(1), 1);
}

TEST(image_pooling, the_backward_pass_visits_exactly_the_windows_of_the_forward_pass) {
  for (const std::int64_t size : {1, 2, 7, 8, 112}) {
    std::set<std::pair<std::int64_t, std::int64_t>> forward, backward;  // window and place
    for (std::int64_t out = 0; out < pooled_size(size); ++out) {
      for (int tap = 0; tap < 3; ++tap) {
        const std::int64_t place = tap_place(out, tap);
        if (place < 0 || place >= size) continue;
        forward.emplace(out, place);
        EXPECT_EQ(tap_of(out, place), tap);
      }
    }
    for (std::int64_t place = 0; place < size; ++place) {
      for (std::int64_t out = first_window(place); out < pooled_size(size) && tap_of(out, place) >= 0; ++out) {
        EXPECT_LT(tap_of(out, place), 3);
        backward.emplace(out, place);
      }
    }
    EXPECT_EQ(forward, backward) << size;
  }
}

}  // namespace
}  // namespace gpubench::kernels
