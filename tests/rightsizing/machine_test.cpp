#include "rightsizing/machine.hpp"

#include <gtest/gtest.h>

namespace gpubench::rightsizing {
namespace {

profiles::gpu_spec a100() {
  profiles::gpu_spec gpu;
  gpu.name = "A100";
  gpu.compute_capability = "8.0";
  gpu.multiprocessors = 108;
  gpu.mig_max_instances = 7;
  gpu.memory_bytes = 40 * 1073741824.0;
  return gpu;
}

TEST(share_of_slice, is_known_by_name_else_by_memory) {
  device_summary of;
  EXPECT_EQ(share_of_slice(of, a100()).memory, 1) << "a whole GPU";
  of.slice = "2g.10gb";
  EXPECT_DOUBLE_EQ(share_of_slice(of, a100()).compute, 28.0 / 108);
  EXPECT_DOUBLE_EQ(share_of_slice(of, a100()).memory, 0.25);
  of.slice = "a part";
  of.memory_total_bytes = 10 * 1073741824.0;
  EXPECT_DOUBLE_EQ(share_of_slice(of, a100()).compute, 0.25);
  EXPECT_DOUBLE_EQ(share_of_slice(of, a100()).memory, 0.25);
}

TEST(demand_of, work_that_must_keep_up_counts_at_its_busiest_and_other_work_on_average) {
  device_summary of;
  of.activity = spread{0.06, 0.01, 1};
  of.busy_time = 0.05;
  of.busy_p95 = 0.98;
  EXPECT_EQ(demand_of(of, false), 0.98);
  EXPECT_EQ(demand_of(of, true), 0.06);
}

}  // namespace
}  // namespace gpubench::rightsizing
