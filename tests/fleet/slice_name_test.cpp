#include "fleet/slice_name.hpp"

#include <gtest/gtest.h>

namespace gpubench::fleet {
namespace {

TEST(SliceName, IsFoundInWhatSchedulersCountAsAGpu) {
  const auto parts = [](const char* name) {
    const auto slice = slice_in(name);
    return slice.gpu + "|" + slice.profile;
  };
  EXPECT_EQ(parts("nvidia.com/mig-3g.40gb"), "|3g.40gb");
  EXPECT_EQ(parts("nvidia.com/mig-1g.10gb.me"), "|1g.10gb+me");
  EXPECT_EQ(parts("3g.40gb"), "|3g.40gb");
  EXPECT_EQ(parts("a100_3g.39gb"), "a100|3g.39gb");
  EXPECT_EQ(parts("nvidia_h100_80gb_hbm3_1g.10gb+me"), "nvidia_h100_80gb_hbm3|1g.10gb+me");
  EXPECT_EQ(parts("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb"), "NVIDIA-A100-SXM4-40GB|1g.5gb");
  EXPECT_EQ(parts("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb-SHARED"), "NVIDIA-A100-SXM4-40GB|1g.5gb");
  for (const char* whole : {"", "nvidia.com/gpu", "h100", "NVIDIA-H100-80GB-HBM3", "NVIDIA-A10-4Q", "9g.10gb", "1g.gb"})
    EXPECT_EQ(parts(whole), "|") << whole;
}

TEST(SliceName, OfAJobIsThatOfItsResourceProductOrType) {
  job one;
  EXPECT_EQ(slice_profile_of(one, {}), "");
  EXPECT_EQ(slice_profile_of(one, {{"gpu-type", "h100_1g.10gb"}}), "1g.10gb");
  one.gpu_product = "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb";
  EXPECT_EQ(slice_profile_of(one, {}), "1g.5gb");
  one.gpu_resource = "nvidia.com/mig-3g.40gb";
  EXPECT_EQ(slice_profile_of(one, {}), "3g.40gb");
}

}  // namespace
}  // namespace gpubench::fleet
