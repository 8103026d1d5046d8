#include "predictor/vector_work.hpp"

#include <gtest/gtest.h>

#include "predictor/hashing.hpp"
#include "predictor/molecular_dynamics.hpp"
#include "predictor/path_tracing.hpp"
#include "predictor/stencil.hpp"
#include "predictor/vector_machine.hpp"
#include "sample_gpus.hpp"

namespace gpubench::predictor {
namespace {

constexpr vector_assumptions ideal{1, 1, 0.5, 2};

TEST(vector_work, the_busiest_unit_sets_the_time) {
  gpu_traits a100 = sample_a100();
  a100.tdp_watts = 1e4;  // nothing holds the clock
  vector_work w;
  w.int32 = 64 * 108 * 1.41e9;  // a second of the integer units
  EXPECT_NEAR(estimate_vector_work(a100, w, ideal).seconds, 1, 1e-3);
  w.fp32 = 19.5e12 / 4;  // half a second of the fp32 units beside them: hidden, three quarters of what is scheduled
  EXPECT_NEAR(estimate_vector_work(a100, w, ideal).seconds, 1, 1e-3);
  w.fp64 = 9.7e12 / 2;  // now 64 + 32 + 32 of 128 lanes are asked for in the same second
  EXPECT_NEAR(estimate_vector_work(a100, w, ideal).seconds, 1, 0.02);
  w.int32 *= 2;
  EXPECT_NEAR(estimate_vector_work(a100, w, ideal).seconds, 2, 0.05);
}

TEST(vector_work, fp64_and_fp32_at_once_are_held_below_boost_by_the_power_limit) {
  gpu_traits a100 = sample_a100();
  vector_work w;
  w.fp64 = 9.7e12 / 2;
  w.fp32 = 9.7e12 / 2;
  EXPECT_GT(estimate_vector_work(a100, w, ideal).seconds, 1.05);
  a100.tdp_watts = 1e4;
  EXPECT_NEAR(estimate_vector_work(a100, w, ideal).seconds, 1, 0.02);
}

TEST(vector_work, few_threads_leave_units_idle_and_small_work_is_overhead) {
  const gpu_traits a100 = sample_a100();
  vector_work w;
  w.fp32 = 1e12;
  const double full = estimate_vector_work(a100, w, ideal).seconds;
  w.threads = 512 * 108 / 4.0;
  EXPECT_NEAR(estimate_vector_work(a100, w, ideal).seconds, 4 * full, 0.05 * full);
  vector_work little;
  little.fp32 = 1;
  const estimate e = estimate_vector_work(a100, little, ideal);
  EXPECT_NEAR(e.seconds, 2e-6, 1e-8);
  EXPECT_EQ(e.bound_by, bound::overhead);
}

TEST(vector_work, the_interval_is_the_assumption_s_and_the_tier_the_data_sheet_s) {
  vector_work w;
  w.bytes = 1e9;
  const estimate e = estimate_vector_work(sample_a100(), w, ideal);
  EXPECT_DOUBLE_EQ(e.low, e.seconds / 2);
  EXPECT_DOUBLE_EQ(e.high, e.seconds * 2);
  EXPECT_EQ(e.basis, basis::data_sheet);
  EXPECT_EQ(e.bound_by, bound::memory);
}

TEST(stencil, a_star_reads_six_arms_and_a_box_all_neighbours) {
  stencil_shape s{512, 512, 512, 4, false, 1, 4, false};
  EXPECT_EQ(s.taps(), 25);
  s.box = true;
  EXPECT_EQ(s.taps(), 729);
}

TEST(stencil, each_value_is_read_and_written_once_where_its_planes_stay_in_l2) {
  // 3 planes of 512 x 512 fp32 are 3 MB of 40: a point moves 8 bytes and takes 7 multiply-adds.
  const stencil_shape s{512, 512, 512, 1, false, 10, 4, false};
  const vector_work w = stencil_work(sample_a100().l2_bytes, s);
  const double updates = 10.0 * 512 * 512 * 512;
  EXPECT_DOUBLE_EQ(w.bytes, updates * 8);
  EXPECT_DOUBLE_EQ(w.fp32, updates * 7);
  EXPECT_EQ(w.fp64, 0);
  EXPECT_EQ(w.launches, 10);
}

TEST(stencil, rims_of_tiles_are_read_again_where_planes_exceed_l2) {
  // 9 planes of 2048 x 2048 fp64 are 302 MB: tiles of 32 x 16 read 8/32 + 8/16 more than their own.
  const stencil_shape s{2048, 2048, 64, 4, false, 1, 8, true};
  const vector_work w = stencil_work(sample_a100().l2_bytes, s);
  EXPECT_DOUBLE_EQ(w.bytes, 2048.0 * 2048 * 64 * 8 * 2.75);
  EXPECT_EQ(w.fp32, 0);
  EXPECT_DOUBLE_EQ(w.fp64, 2048.0 * 2048 * 64 * 25);
}

TEST(lennard_jones, pairs_are_counted_from_both_sides_and_lists_are_built_now_and_then) {
  const lennard_jones_shape s{1000, 50, 2, 20, false};
  const vector_work w = lennard_jones_work(sample_a100().l2_bytes, s);
  const double pairs = 1000.0 * 50 * 2, candidates = pairs * 6.4 / 20;
  EXPECT_DOUBLE_EQ(w.fp32, pairs * 17 + candidates * 8);
  EXPECT_DOUBLE_EQ(w.int32, pairs * 5 + candidates * 4);
  EXPECT_EQ(w.launches, 8);
}

TEST(lennard_jones, takes_longer_in_fp64_and_much_longer_where_that_is_slow) {
  lennard_jones_shape s{1e6, 78, 1, 20, false};
  const auto seconds = [&](const gpu_traits& on) {
    return estimate_vector_work(on, lennard_jones_work(on.l2_bytes, s), lennard_jones_assumptions).seconds;
  };
  const double a100 = seconds(sample_a100()), t4 = seconds(sample_t4());
  s.fp64 = true;
  EXPECT_LT(a100, seconds(sample_a100()));
  EXPECT_GT(seconds(sample_a100()), a100);
  EXPECT_GT(seconds(sample_t4()) / t4, seconds(sample_a100()) / a100);
}

TEST(path_tracing, costs_what_is_stated_or_what_its_tests_come_to) {
  ray_cost stated;
  stated.instructions = 1000;
  EXPECT_DOUBLE_EQ(path_tracing_work(1e6, stated).fp32, 1e9);
  ray_cost counted;
  counted.box_tests = 40;
  counted.triangle_tests = 8;
  // 40 * 14 + 8 * 35 + 200 instructions, 40 * 32 + 8 * 48 bytes of which half come from L2
  const vector_work w = path_tracing_work(1e6, counted);
  EXPECT_DOUBLE_EQ(w.fp32, 1040e6);
  EXPECT_DOUBLE_EQ(w.l2_bytes, 832e6);
}

TEST(hashing, instructions_of_a_block_are_those_of_its_rounds) {
  const auto of = [](std::string_view name) {
    for (const hash_function& f : hash_functions()) {
      if (f.name == name) return f.instructions;
    }
    return 0.0;
  };
  EXPECT_EQ(of("sha256"), 64 * 14 + 48 * 10);
  EXPECT_EQ(of("sha256d"), 2 * of("sha256"));
  EXPECT_EQ(of("sha512"), 80 * (12 + 8 + 7 * 2) + 64 * 22);
  EXPECT_EQ(of("blake2b"), 12 * 8 * 26 + 64);
  EXPECT_EQ(of("keccak256"), 24 * (20 + 10 + 50 + 48 + 50 + 2));
  EXPECT_EQ(of("scrypt"), 4096 * (4 * 32 * 3 + 64));
}

TEST(hashing, equihash_moves_its_list_once_a_round) {
  // n = 200, k = 9: 20 bits collide, 2^21 strings of 25 bytes and less; 29 bytes with the reference fit one sector.
  const hash_function f = equihash_function(200, 9);
  EXPECT_DOUBLE_EQ(f.bytes, 9 * 2 * 2097152.0 * 32);
  EXPECT_DOUBLE_EQ(f.working_set_bytes, 2 * 2097152.0 * 32);
  EXPECT_GT(f.instructions, 1048576.0 * 2560);  // two strings a hash
}

/// 32 cores of AVX-512 at 3 GHz: 2 multipliers of 16 lanes.
vector_cpu sample_cpu() {
  return {"Xeon", 32, 32 * 32 * 3e9, 200e9};
}

TEST(vector_cpu, the_busiest_unit_sets_the_time) {
  vector_assumptions as = ideal;
  as.cpu_issue_share = as.cpu_memory_share = 1;
  vector_work w;
  w.launches = 0;
  w.fp32 = 32 * 32 * 3e9;
  EXPECT_DOUBLE_EQ(estimate_vector_work(sample_cpu(), w, as).seconds, 1);
  w.fp64 = 32 * 32 * 3e9 / 2;  // half as many, each of two lanes of the same ports
  EXPECT_DOUBLE_EQ(estimate_vector_work(sample_cpu(), w, as).seconds, 2);
  w.int32 = 2 * 32 * 32 * 3e9;  // beside them, four lanes' time of which one and a half are scheduled at once
  EXPECT_NEAR(estimate_vector_work(sample_cpu(), w, as).seconds, 4 / 1.5, 1e-9);
  vector_work moved;
  moved.launches = 0;
  moved.bytes = 100e9;
  EXPECT_DOUBLE_EQ(estimate_vector_work(sample_cpu(), moved, as).seconds, 0.5);
  as.cpu_memory_share = 0.5;
  EXPECT_DOUBLE_EQ(estimate_vector_work(sample_cpu(), moved, as).seconds, 1);
  EXPECT_EQ(estimate_vector_work(sample_cpu(), moved, as).bound_by, bound::memory);
}

TEST(vector_cpu, more_cores_are_never_slower) {
  for (const auto& work : {hashing_work(1e6, hash_functions()[1]), path_tracing_work(1e6, {0, 0, 40, 8}),
                           stencil_work(64e6, {256, 256, 256, 4}), lennard_jones_work(64e6, {1e6, 55})}) {
    vector_cpu wide = sample_cpu();
    const double before = estimate_vector_work(wide, work, ideal).seconds;
    wide.cores *= 2;
    wide.lanes_per_second *= 2;
    const double after = estimate_vector_work(wide, work, ideal).seconds;
    EXPECT_LE(after, before);
    EXPECT_GE(after, before / 2 * (1 - 1e-9));
  }
}

TEST(hashing, integer_hashes_follow_integer_units_and_memory_hard_ones_the_memory) {
  gpu_traits on = sample_a100();
  const auto seconds = [&](const hash_function& f) {
    return estimate_vector_work(on, hashing_work(1e9, f), hashing_assumptions(f)).seconds;
  };
  const hash_function sha = hash_functions()[1], memory_hard = equihash_function(200, 9);
  const double sha_before = seconds(sha), memory_before = seconds(memory_hard);
  on.memory_bandwidth_bytes_per_second *= 2;
  EXPECT_DOUBLE_EQ(seconds(sha), sha_before);
  EXPECT_LT(seconds(memory_hard), 0.7 * memory_before);
}

}  // namespace
}  // namespace gpubench::predictor
