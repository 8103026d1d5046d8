// Matrix products on the first GPU, with sizes and layouts that the suites leave out; skipped where there is none.
#include "on_device.hpp"

namespace gpubench::bench {
namespace {

class gemm_on_device : public on_device {};

constexpr const char* wide_types[] = {"gemm_fp64", "gemm_fp32", "gemm_tf32", "gemm_fp16", "gemm_bf16"};
constexpr const char* narrow_types[] = {"gemm_int8", "gemm_fp8", "gemm_fp8_e5m2", "gemm_fp4"};

TEST_F(gemm_on_device, narrow_types_are_right_at_sizes_that_no_tile_divides) {
  for (const char* name : narrow_types) {
    for (const std::int64_t m : {1, 7, 1000}) {
      expect_right(name, {{"m", m}, {"n", std::int64_t{160}}, {"k", std::int64_t{1056}}});
    }
  }
}

TEST_F(gemm_on_device, both_layouts_are_right) {
  for (const char* name : wide_types) {
    for (const char* layout : {"nn", "nt"}) {
      expect_right(name, {{"m", std::int64_t{104}},
                          {"n", std::int64_t{72}},
                          {"k", std::int64_t{264}},
                          {"layout", std::string(layout)}});
    }
  }
}

TEST_F(gemm_on_device, batches_are_right) {
  for (const char* name : {"gemm_fp64", "gemm_fp32", "gemm_tf32", "gemm_fp16", "gemm_bf16", "gemm_int8", "gemm_fp8"}) {
    expect_right(
        name, {{"batch", std::int64_t{5}}, {"m", std::int64_t{48}}, {"n", std::int64_t{80}}, {"k", std::int64_t{96}}});
  }
}

TEST_F(gemm_on_device, long_sums_stay_within_the_bound) {
  for (const char* name :
       {"gemm_tf32", "gemm_fp16", "gemm_bf16", "gemm_int8", "gemm_fp8", "gemm_fp8_e5m2", "gemm_fp4"}) {
    expect_right(name, {{"m", std::int64_t{256}}, {"n", std::int64_t{256}}, {"k", std::int64_t{57344}}});
  }
}

TEST_F(gemm_on_device, a_search_measures_a_right_product) {
  // 2^33: what a device with few fp64 units searches.
  expect_right("gemm_max_bf16", {{"mnk", std::int64_t{1} << 33}});
}

}  // namespace
}  // namespace gpubench::bench
