#include "bench/pcie.hpp"

#include <gtest/gtest.h>

namespace gpubench::bench {
namespace {

TEST(pcie, gives_each_generations_rate_after_its_line_code) {
  const double per_lane[] = {0.25e9, 0.5e9, 0.985e9, 1.969e9, 3.938e9, 7.5625e9};
  for (int generation = 1; generation <= 6; ++generation) {
    const auto rate = pcie_bytes_per_second(generation, 1);
    ASSERT_TRUE(rate.has_value());
    EXPECT_NEAR(*rate, per_lane[generation - 1], 0.001 * per_lane[generation - 1]) << generation;
  }
  EXPECT_DOUBLE_EQ(*pcie_bytes_per_second(4, 16), 16e9 / 8 * 128 / 130 * 16);  // 31.5 GB/s
}

TEST(pcie, knows_nothing_of_other_generations_or_no_lanes) {
  EXPECT_FALSE(pcie_bytes_per_second(0, 16));
  EXPECT_FALSE(pcie_bytes_per_second(7, 16));
  EXPECT_FALSE(pcie_bytes_per_second(5, 0));
}

}  // namespace
}  // namespace gpubench::bench
