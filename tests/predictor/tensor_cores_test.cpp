#include "predictor/tensor_cores.hpp"

#include <gtest/gtest.h>

#include "sample_matrix_gpus.hpp"

namespace gpubench::predictor {
namespace {

TEST(tensor_cores, hopper_and_stacked_blackwell_run_asynchronously) {
  EXPECT_FALSE(tensor_cores_of(sample::a100).asynchronous);
  EXPECT_FALSE(tensor_cores_of(sample::l40s).asynchronous);
  EXPECT_TRUE(tensor_cores_of(sample::h100).asynchronous);
  EXPECT_TRUE(tensor_cores_of(sample::b200).asynchronous);
  gpu_traits workstation = sample::b200;  // compute capability 12.0
  workstation.stacked_memory = false;
  EXPECT_FALSE(tensor_cores_of(workstation).asynchronous);
}

TEST(tensor_cores, pairs_of_blackwell_share_more) {
  EXPECT_GT(tensor_cores_of(sample::b200).multicast, tensor_cores_of(sample::h100).multicast);
}

TEST(tensor_cores, the_power_limit_holds_the_rate_down) {
  // 70 W T4: the 16-bit units would need about twice that at boost clock.
  EXPECT_LT(sustained_tensor_rate(sample::t4, models::precision::fp16), 0.6 * 65e12);
  gpu_traits generous = sample::h100;
  generous.tdp_watts = 1e5;
  EXPECT_DOUBLE_EQ(sustained_tensor_rate(generous, models::precision::bf16), 989.4e12);
}

}  // namespace
}  // namespace gpubench::predictor
