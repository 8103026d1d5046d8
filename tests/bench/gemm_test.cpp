#include "bench/host/gemm.hpp"

#include "bench/host/gemm_check.hpp"
#include "bench/host/openblas.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "host_case.hpp"

namespace gpubench::bench::host {
namespace {

using testing_support::definition_of;
using testing_support::machine_with;

// [1 2; 3 4] * [5 6; 7 8] = [19 22; 43 50]
struct small_product {
  float a[4] = {1, 2, 3, 4}, b[4] = {5, 6, 7, 8}, c[4] = {19, 22, 43, 50};
  product<float, float, float> view() const { return {a, b, c, 2, 2, 2}; }
};

TEST(gemm_check, accepts_the_right_product) {
  const small_product p;
  EXPECT_EQ(verify_product(p.view()).error, 0);
  EXPECT_TRUE(verify_product(p.view()).passed());
}

TEST(gemm_check, finds_one_wrong_entry_wherever_it_is) {
  for (int i = 0; i < 4; ++i) {
    small_product p;
    p.c[i] += 0.001F;
    EXPECT_FALSE(verify_product(p.view()).passed()) << i;
  }
}

TEST(gemm_check, finds_a_value_that_is_not_a_number) {
  small_product p;
  p.c[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(verify_product(p.view()).passed());
}

TEST(gemm_check, finds_a_transposed_result) {
  small_product p;
  std::swap(p.c[1], p.c[2]);
  EXPECT_FALSE(verify_product(p.view()).passed());
}

TEST(gemm_check, is_exact_for_integers) {
  const std::uint8_t a[2] = {255, 1};
  const std::int8_t b[2] = {-127, 1};
  const std::int32_t right[1] = {-127 * 255 + 1}, wrong[1] = {-127 * 255};
  EXPECT_TRUE(verify_product(product<std::uint8_t, std::int8_t, std::int32_t>{a, b, right, 1, 1, 2}).passed());
  EXPECT_FALSE(verify_product(product<std::uint8_t, std::int8_t, std::int32_t>{a, b, wrong, 1, 1, 2}).passed());
}

TEST(gemm, work_counts_two_flop_a_multiply_add_and_each_matrix_once) {
  const auto work = definition_of("gemm_fp64").work({{"m", 2}, {"n", 3}, {"k", 5}});
  EXPECT_EQ(work.flop, 60);                    // 2*2*3*5
  EXPECT_EQ(work.bytes, 8.0 * (10 + 15 + 6));  // A, B, C
  EXPECT_EQ(definition_of("gemm_int8").work({{"m", 2}, {"n", 3}, {"k", 5}}).bytes, 10 + 15 + 4.0 * 6);
}

TEST(gemm, odd_shapes_are_right) {
  for (const char* name : {"gemm_fp64", "gemm_fp32"}) {
    const auto definition = definition_of(name);
    const results::parameters shape{{"m", 17}, {"n", 33}, {"k", 65}};
    const auto machine = machine_with({});
    ASSERT_EQ(definition.unavailable(shape, machine.view()), std::nullopt);
    const auto prepared = definition.prepare(shape, machine.view());
    EXPECT_GT(prepared->sample().count(), 0);
    const auto check = prepared->verify();
    EXPECT_TRUE(check.passed()) << name << ": " << check.error;
  }
}

TEST(gemm, onednn_products_are_right_where_the_library_has_them) {
  // Correct without the instructions too, only slow; that is why `unavailable` refuses them there.
  for (const char* name : {"gemm_bf16", "gemm_int8"}) {
    const auto definition = definition_of(name);
    const results::parameters shape{{"m", 17}, {"n", 33}, {"k", 65}};
    const auto machine = machine_with({"avx512_bf16", "avx512_vnni"});
    if (const auto reason = definition.unavailable(shape, machine.view())) GTEST_SKIP() << *reason;
    const auto prepared = definition.prepare(shape, machine.view());
    prepared->sample();
    const auto check = prepared->verify();
    EXPECT_TRUE(check.passed()) << name << ": " << check.error;
  }
}

TEST(gemm, a_processor_without_the_instructions_is_told_once) {
  const auto machine = machine_with({"avx2"});
  for (const char* name : {"gemm_bf16", "gemm_int8"}) {
    const auto definition = definition_of(name);
    const auto cases = definition.cases(suite::standard, machine.view());
    ASSERT_EQ(cases.size(), 1U);
    const auto reason = definition.unavailable(cases[0], machine.view());
    ASSERT_TRUE(reason.has_value());
    EXPECT_NE(reason->find("no instructions"), std::string::npos);
  }
}

TEST(gemm, a_shape_that_does_not_fit_memory_is_refused) {
  const auto reason =
      definition_of("gemm_fp64").unavailable({{"m", 100000}, {"n", 100000}, {"k", 100000}}, machine_with({}).view());
  ASSERT_TRUE(reason.has_value());
  EXPECT_NE(reason->find("memory"), std::string::npos);
}

TEST(openblas, kernels_older_than_the_processor_are_replaced) {
  EXPECT_EQ(better_kernels("Prescott", true, true, false), "SkylakeX");
  EXPECT_EQ(better_kernels("Haswell", true, true, false), "SkylakeX");
  EXPECT_EQ(better_kernels("Barcelona", true, false, true), "Zen");
  EXPECT_EQ(better_kernels("Nehalem", true, false, false), "Haswell");
}

TEST(openblas, fitting_kernels_stay) {
  EXPECT_EQ(better_kernels("SkylakeX", true, true, false), std::nullopt);
  EXPECT_EQ(better_kernels("Sapphirerapids", true, true, false), std::nullopt);
  EXPECT_EQ(better_kernels("Zen", true, true, true), std::nullopt);
  EXPECT_EQ(better_kernels("Prescott", false, false, false), std::nullopt);
}

}  // namespace
}  // namespace gpubench::bench::host
