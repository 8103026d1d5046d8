#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/cublaslt_algorithm.hpp"
#include "bench/cuda/module/gemm_cases.hpp"
#include "bench/cuda/module/gemm_operands.hpp"
#include "bench/cuda/module/matmul_layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <set>
#include <tuple>
#include <utility>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

using kernels::gemm_shape;
using kernels::storage;
using ::testing::HasSubstr;

device_properties device(int major, int minor, double memory_gib, int multiprocessors) {
  return described_device(major, minor, memory_gib, 50, multiprocessors);
}
const device_properties a100 = device(8, 0, 80, 108);
const device_properties h200 = device(9, 0, 140, 132);
const device_properties b200 = device(10, 0, 180, 148);

constexpr storage all_types[] = {storage::fp64, storage::fp32,     storage::tf32,     storage::fp16, storage::bf16,
                                 storage::int8, storage::fp8_e4m3, storage::fp8_e5m2, storage::fp4};

std::string why_not(const std::string& name, std::initializer_list<std::pair<const char*, std::int64_t>> values,
                    const device_properties& where) {
  return named(name).unavailable(make_parameters(values), where).value_or("");
}

TEST(gemm_work, counts_what_each_type_moves) {
  const gemm_shape shape{storage::fp8_e4m3, 16, 32, 64};
  EXPECT_EQ(gemm_flop(shape), 2.0 * 16 * 32 * 64);
  EXPECT_EQ(gemm_bytes(shape), 16 * 64 + 64 * 32 + 2 * 16 * 32);
  EXPECT_EQ(gemm_bytes({storage::int8, 16, 32, 64}), 16 * 64 + 64 * 32 + 4 * 16 * 32);
  // Half a byte an element and one scale for 16 of them.
  EXPECT_EQ(gemm_bytes({storage::fp4, 16, 32, 64}), (16 * 64 + 64 * 32) / 2 + (16 * 4 + 32 * 4) + 2 * 16 * 32);
  EXPECT_EQ(gemm_bytes({storage::tf32, 2, 3, 4}), 4 * 26);
}

TEST(gemm_work, a_batch_is_so_many_products) {
  const auto work = named("gemm_bf16").work(make_parameters({{"batch", 5}, {"m", 2}, {"n", 3}, {"k", 4}}));
  EXPECT_EQ(work.flop, 5 * 48);
  EXPECT_EQ(work.bytes, 5 * 52);
}

TEST(gemm_work, a_search_has_the_flop_of_its_volume) {
  const auto work = named("gemm_max_bf16").work(make_parameters({{"mnk", 1000}}));
  EXPECT_EQ(work.flop, 2000);
  EXPECT_EQ(work.has_bytes, 0);
}

TEST(gemm_shapes, larger_suites_begin_with_the_smaller_and_repeat_nothing) {
  for (const storage type : all_types) {
    const auto full = gemm_shapes(type, GPUBENCH_MODULE_FULL, b200);
    std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>> seen;
    for (const auto& shape : full) {
      EXPECT_TRUE(seen.insert({shape.batch, shape.m, shape.n, shape.k}).second) << text_of(shape);
    }
    for (const auto suite : {GPUBENCH_MODULE_QUICK, GPUBENCH_MODULE_STANDARD}) {
      const auto smaller = gemm_shapes(type, suite, b200);
      ASSERT_LT(smaller.size(), full.size());
      for (std::size_t i = 0; i < smaller.size(); ++i) EXPECT_EQ(text_of(smaller[i]), text_of(full[i]));
    }
    EXPECT_EQ(gemm_shapes(type, GPUBENCH_MODULE_QUICK, b200).size(), 1u);
  }
}

TEST(gemm_shapes, all_suit_their_type) {
  for (const storage type : all_types) {
    auto shapes = gemm_shapes(type, GPUBENCH_MODULE_FULL, b200);
    for (const auto& shape : shapes_of_volume(type, gemm_search_volume(type, b200), 1000)) shapes.push_back(shape);
    for (const auto& shape : shapes) {
      EXPECT_EQ(gemm_unsuitable(shape).value_or(""), "") << text_of(shape);
      EXPECT_EQ(shape.b_transposed, only_b_transposed(type));
    }
  }
}

TEST(gemm_shapes, a_small_device_gets_fewer) {
  const auto small = gemm_shapes(storage::bf16, GPUBENCH_MODULE_FULL, device(8, 6, 1, 20));
  EXPECT_FALSE(small.empty());
  EXPECT_LT(small.size(), gemm_shapes(storage::bf16, GPUBENCH_MODULE_FULL, h200).size());
}

TEST(gemm_search, the_volume_divides_evenly_among_multiprocessors) {
  for (const auto& where : {a100, h200, b200}) {
    const auto volume = gemm_search_volume(storage::bf16, where);
    EXPECT_LE(volume, std::int64_t{1} << 39);
    EXPECT_GT(volume, std::int64_t{1} << 38);
    EXPECT_EQ(volume % (3 * where.multiprocessors), 0);
  }
}

TEST(gemm_search, shapes_have_the_volume_and_suit_the_tiles) {
  const auto volume = gemm_search_volume(storage::bf16, h200);
  const auto shapes = shapes_of_volume(storage::bf16, volume, 1000);
  EXPECT_GT(shapes.size(), 50u);
  bool whole_waves = false;
  for (const auto& shape : shapes) {
    EXPECT_EQ(shape.m * shape.n * shape.k, volume);
    EXPECT_EQ(shape.m % 128 + shape.n % 128 + shape.k % 64, 0);
    EXPECT_GE(std::min({shape.m, shape.n, shape.k}), 1024);
    EXPECT_LE(std::max({shape.m, shape.n, shape.k}), 32768);
    whole_waves |= shape.n % 256 == 0 && (shape.m / 128) * (shape.n / 256) % h200.multiprocessors == 0;
  }
  EXPECT_TRUE(whole_waves);
  const auto& first = shapes.front();
  EXPECT_LT(std::max({first.m, first.n, first.k}), 2 * std::min({first.m, first.n, first.k}));
  EXPECT_EQ(shapes_of_volume(storage::bf16, volume, 10).size(), 10u);
  EXPECT_TRUE(shapes_of_volume(storage::bf16, 1000003, 10).empty());
}

TEST(gemm_search, there_are_shapes_for_every_number_of_multiprocessors) {
  for (int count = 1; count <= 200; ++count) {
    for (const storage type : {storage::bf16, storage::fp64}) {
      const auto where = device(8, 6, 80, count);
      EXPECT_FALSE(shapes_of_volume(type, gemm_search_volume(type, where), 1).empty()) << count;
    }
  }
}

TEST(gemm_unavailable, names_the_device_that_is_needed) {
  EXPECT_THAT(why_not("gemm_fp8", {{"m", 64}, {"n", 64}, {"k", 64}}, a100), HasSubstr("compute capability 8.9"));
  EXPECT_THAT(why_not("gemm_fp8_e5m2", {{"m", 64}, {"n", 64}, {"k", 64}}, a100), HasSubstr("this device has 8.0"));
  EXPECT_THAT(why_not("gemm_fp4", {{"m", 64}, {"n", 64}, {"k", 64}}, h200), HasSubstr("compute capability 10.0"));
  EXPECT_THAT(why_not("gemm_int8", {{"m", 64}, {"n", 64}, {"k", 64}}, device(7, 0, 16, 80)), HasSubstr("7.5"));
  EXPECT_THAT(why_not("gemm_max_fp4", {{"mnk", gemm_search_volume(storage::fp4, h200)}}, h200), HasSubstr("10.0"));
}

TEST(gemm_unavailable, names_the_size_that_does_not_suit) {
  EXPECT_THAT(why_not("gemm_fp8", {{"m", 1}, {"n", 64}, {"k", 40}}, h200), HasSubstr("multiples of 16"));
  EXPECT_THAT(why_not("gemm_int8", {{"m", 1}, {"n", 8}, {"k", 64}}, h200), HasSubstr("multiples of 16"));
  EXPECT_THAT(why_not("gemm_fp4", {{"m", 1}, {"n", 64}, {"k", 48}}, b200), HasSubstr("multiples of 32"));
  EXPECT_THAT(why_not("gemm_int8", {{"m", 64}, {"n", 64}, {"k", 1 << 17}}, h200), HasSubstr("int32"));
  EXPECT_THAT(why_not("gemm_max_bf16", {{"mnk", 1000003}}, h200), HasSubstr("no shapes"));
}

TEST(gemm_layout, is_known_or_refused) {
  auto values = make_parameters({{"m", 64}, {"n", 64}, {"k", 64}});
  add_text_parameter(values, "layout", "tn");
  EXPECT_THAT(named("gemm_bf16").unavailable(values, h200).value_or(""), HasSubstr("nn or nt"));
  auto plain = make_parameters({{"m", 64}, {"n", 64}, {"k", 64}});
  add_text_parameter(plain, "layout", "nn");
  EXPECT_THAT(named("gemm_fp8").unavailable(plain, h200).value_or(""), HasSubstr("only layout nt"));
}

TEST(cublaslt, algorithms_are_described_by_the_names_of_the_header) {
  algorithm_settings settings;
  settings.id = 66;
  settings.tile = 23;
  settings.stages = 35;
  settings.cluster = 3;
  settings.split_k = 1;
  settings.reduction = 0;
  settings.custom = 5;
  EXPECT_EQ(text_of(settings), "algorithm 66, tile 128x256, stages 64xAUTO, cluster 2x1x1, option 5");
  settings = {};
  settings.id = 21;
  settings.tile = 65000;
  settings.split_k = 3;
  settings.reduction = 2;
  EXPECT_EQ(text_of(settings), "algorithm 21, tile number 65000, split-k 3, reduction in the compute type");
  EXPECT_EQ(text_of(algorithm_settings{}), "algorithm unknown");
}

TEST(cublaslt, is_either_there_with_a_version_or_says_why_not) {
  const auto reason = cublaslt_unavailable();
  const auto version = cublaslt_version();
  EXPECT_NE(reason.has_value(), version.has_value());
  if (version) {
    EXPECT_THAT(*version, ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  } else {
    EXPECT_FALSE(reason->empty());
  }
}

TEST(matmul_layout, matrices_follow_each_other_unless_told_otherwise) {
  matmul_problem problem;
  problem.m = 3;
  problem.n = 5;
  problem.k = 7;
  problem.batch = 2;
  EXPECT_EQ(stored_a(problem).step, 21);
  EXPECT_EQ(stored_b(problem).step, 35);
  EXPECT_EQ(stored_c(problem).step, 15);
  EXPECT_EQ(stored_b(problem).rows, 7);
  problem.b_transposed = true;
  problem.row_b = 8;
  problem.step_a = 0;
  EXPECT_EQ(stored_b(problem).rows, 5);
  EXPECT_EQ(stored_b(problem).row, 7);
  EXPECT_EQ(stored_b(problem).step, 40);
  EXPECT_EQ(stored_a(problem).step, 0);
}

TEST(matmul_layout, alignment_holds_for_every_matrix_of_a_batch) {
  const auto alignment = [](storage type, std::int64_t step, std::int64_t batch, std::uint32_t first = 256) {
    return alignment_of({type, 1, step, step, step, batch}, first);
  };
  EXPECT_EQ(alignment(storage::bf16, 2047 * 129, 1), 256u) << "one alone";
  EXPECT_EQ(alignment(storage::bf16, 2048 * 128, 32), 256u);
  EXPECT_EQ(alignment(storage::bf16, 2047 * 129, 32), 2u);
  EXPECT_EQ(alignment(storage::bf16, 24, 2), 16u);  // 48 bytes
  EXPECT_EQ(alignment(storage::fp64, 3, 2), 8u);
  EXPECT_EQ(alignment(storage::int8, 17, 2), 1u);
  EXPECT_EQ(alignment(storage::fp4, 3, 2), 1u);
  EXPECT_EQ(alignment(storage::fp4, 64, 2), 32u);
  EXPECT_EQ(alignment(storage::bf16, 64, 2, 16), 16u) << "no more than the first one's";
  EXPECT_EQ(alignment(storage::bf16, 0, 2), 256u) << "all the same";
}

}  // namespace
}  // namespace gpubench::cuda
