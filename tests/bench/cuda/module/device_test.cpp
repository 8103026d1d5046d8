#include "bench/cuda/module/device.hpp"

#include <gtest/gtest.h>

namespace gpubench::cuda {
namespace {

TEST(minimum_driver, is_that_of_the_major_version) {
  EXPECT_EQ(minimum_driver(11080), "450.80.02");
  EXPECT_EQ(minimum_driver(12000), "525.60.13");
  EXPECT_EQ(minimum_driver(12090), "525.60.13");
  EXPECT_EQ(minimum_driver(13000), "580.65.06");
  EXPECT_EQ(minimum_driver(13020), "580.65.06");
  EXPECT_FALSE(minimum_driver(14000));
  EXPECT_FALSE(minimum_driver(0));
}

TEST(uuid_text, is_grouped_as_nvml_groups_it) {
  const std::array<unsigned char, 16> bytes{0x00, 0x01, 0xab, 0xff, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xf0};
  EXPECT_EQ(uuid_text(bytes, "NVIDIA H100 80GB HBM3"), "GPU-0001abff-0405-0607-0809-0a0b0c0d0ef0");
  EXPECT_EQ(uuid_text(bytes, "NVIDIA H100 80GB HBM3 MIG 1g.10gb"), "MIG-0001abff-0405-0607-0809-0a0b0c0d0ef0");
}

}  // namespace
}  // namespace gpubench::cuda
