#include "bench/gpu_slices.hpp"

#include <gtest/gtest.h>

namespace gpubench::bench {
namespace {

TEST(mig_name, is_taken_apart) {
  const auto slice = parse_mig_name("NVIDIA A100-SXM4-80GB MIG 1g.10gb");
  ASSERT_TRUE(slice.has_value());
  EXPECT_EQ(slice->gpu, "NVIDIA A100-SXM4-80GB");
  EXPECT_EQ(slice->slice, "1g.10gb");
  EXPECT_EQ(slice->memory_gib, 10);
  EXPECT_EQ(parse_mig_name("NVIDIA H100 80GB HBM3 MIG 1c.3g.40gb")->memory_gib, 40);
  EXPECT_EQ(parse_mig_name("NVIDIA H100 80GB HBM3 MIG 1g.10gb+me")->slice, "1g.10gb+me");
}

TEST(mig_name, is_not_that_of_a_whole_gpu) {
  EXPECT_FALSE(parse_mig_name("NVIDIA A100-SXM4-80GB"));
  EXPECT_FALSE(parse_mig_name("MIG 1g.10gb"));
  EXPECT_FALSE(parse_mig_name("NVIDIA MIG"));
  EXPECT_FALSE(parse_mig_name(""));
}

// The user guide's tables of profiles for A100-40GB, A100-80GB, H200 and A30.
TEST(mig_memory_share, is_that_of_the_guide) {
  EXPECT_EQ(mig_memory_share(5, 40), 1.0 / 8);
  EXPECT_EQ(mig_memory_share(20, 40), 4.0 / 8);
  EXPECT_EQ(mig_memory_share(10, 80), 1.0 / 8);
  EXPECT_EQ(mig_memory_share(20, 80), 2.0 / 8);
  EXPECT_EQ(mig_memory_share(80, 80), 1.0);
  EXPECT_EQ(mig_memory_share(18, 141), 1.0 / 8);
  EXPECT_EQ(mig_memory_share(35, 141), 2.0 / 8);
  EXPECT_EQ(mig_memory_share(71, 141), 4.0 / 8);
  EXPECT_EQ(mig_memory_share(6, 24), 2.0 / 8);
  EXPECT_EQ(mig_memory_share(12, 24), 4.0 / 8);
}

TEST(vgpu_name, ends_in_size_and_series) {
  EXPECT_TRUE(is_vgpu_name("NVIDIA A10-4Q"));
  EXPECT_TRUE(is_vgpu_name("GRID T4-8C"));
  EXPECT_TRUE(is_vgpu_name("NVIDIA A100-1-5C"));
  EXPECT_TRUE(is_vgpu_name("NVIDIA A100-1-5CME"));
  EXPECT_FALSE(is_vgpu_name("NVIDIA A100-SXM4-80GB"));
  EXPECT_FALSE(is_vgpu_name("NVIDIA A10"));
  EXPECT_FALSE(is_vgpu_name("Tesla V100-SXM2-16GB"));
  EXPECT_FALSE(is_vgpu_name("NVIDIA H100 80GB HBM3"));
  EXPECT_FALSE(is_vgpu_name("NVIDIA L40S"));
}

}  // namespace
}  // namespace gpubench::bench
