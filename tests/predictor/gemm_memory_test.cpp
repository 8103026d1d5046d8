#include "predictor/gemm_memory.hpp"

#include <gtest/gtest.h>

#include "sample_matrix_gpus.hpp"

namespace gpubench::predictor {
namespace {

/// 1 TB/s DRAM without latency, 5 TB/s L2 with 10 MB in use.
const gemm_memory memory = {1e12, 0, 5e12, 10e6};

TEST(gemm_memory, small_operands_come_from_l2) {
  // Five copies of 0.9 MB and 0.5 MB are half of the cache.
  EXPECT_DOUBLE_EQ(operand_seconds(memory, 0.9e6, 0.5e6), 1.4e6 / 5e12);
}

TEST(gemm_memory, large_ones_from_dram) {
  EXPECT_DOUBLE_EQ(operand_seconds(memory, 100e6, 50e6), 150e6 / 1e12);
}

TEST(gemm_memory, in_between_a_share_of_each) {
  // Five copies of 2 MB are the whole cache: half of the weights is cold. 2 MB between two uses of the activations
  // leave them warm.
  EXPECT_DOUBLE_EQ(operand_seconds(memory, 2e6, 0), 1e6 / 1e12 + 1e6 / 5e12);
}

TEST(gemm_memory, gddr_comes_closer_to_its_data_sheet) {
  EXPECT_DOUBLE_EQ(dram_rate(sample::a100, 0.85), 0.85 * 2039e9);
  EXPECT_DOUBLE_EQ(dram_rate(sample::l40s, 0.85), 1.07 * 0.85 * 864e9);
  EXPECT_DOUBLE_EQ(dram_rate(sample::l40s, 0.95), 0.97 * 864e9);
}

}  // namespace
}  // namespace gpubench::predictor
