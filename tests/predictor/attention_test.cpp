#include "predictor/attention.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "predictor/attention_kernel.hpp"
#include "predictor/sustained_clock.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;

/// 100 multiprocessors at 1 GHz, 100 TFLOP/s, 1 TB/s of GDDR, L2 as large as asked, without a power limit.
gpu_traits plain_gpu(double l2_bytes = 1e9) {
  gpu_traits t;
  t.generation = 2.5;
  t.multiprocessors = 100;
  t.boost_clock_hertz = 1e9;
  t.memory_bandwidth_bytes_per_second = 1e12;
  t.l2_bytes = l2_bytes;
  t.tdp_watts = 1e6;
  t.vector_fp32_flop_per_second = 2e13;
  for (const precision p : {precision::fp16, precision::bf16}) t.peak[static_cast<std::size_t>(p)] = 1e14;
  return t;
}

gpu_traits bulk_copying_gpu() {
  gpu_traits t = plain_gpu();
  t.generation = 3.5;
  t.stacked_memory = true;
  return t;
}

operator_call call_of(models::attention shape, launch how = launch::captured) {
  return {shape, precision::bf16, how};
}

double typical_seconds(const gpu_traits& on, const operator_call& call) {
  const operator_family& family = attention_decode.covers(call) ? attention_decode : attention_prefill;
  std::vector<double> values;
  for (const coefficient& c : family.coefficients) values.push_back(c.typical);
  return family.time(on, call, values.data()).seconds;
}

TEST(AttentionPair, TakesTwoProductsAndAnExponential) {
  // 512 FLOP at 1e14: 5.12 ps; 1 / (16 * 100 * 1e9): 0.625 ps.
  EXPECT_NEAR(attention_pair_seconds(plain_gpu(), precision::bf16, 128, 128, 1),
              std::cbrt(5.12e-12 * 5.12e-12 * 5.12e-12 + 0.625e-12 * 0.625e-12 * 0.625e-12), 1e-18);
}

TEST(AttentionPair, CannotHideTheSoftmaxBehindNarrowHeadsOfAFastTensorCore) {
  gpu_traits fast = plain_gpu();
  fast.peak[static_cast<std::size_t>(precision::bf16)] = 4e14;
  // x = 0.625 ps * 4e14 / 512 = 0.48828; k = 1.5 (x - 0.17) = 0.47742; 256 FLOP at 4e14 = 0.64 ps, times 1 + k.
  const double products = 0.64e-12 * 1.477422, exponential = 0.625e-12;
  EXPECT_NEAR(attention_pair_seconds(fast, precision::bf16, 64, 64, 1),
              std::cbrt(products * products * products + exponential * exponential * exponential), 1e-17);
}

TEST(AttentionPair, SlowsDownUnderAPowerLimit) {
  gpu_traits held = plain_gpu();
  held.tdp_watts = 70;
  const double free = attention_pair_seconds(plain_gpu(), precision::bf16, 128, 128, 1);
  const power_load load{arithmetic_unit::tensor_16bit, 1e5, 0};
  EXPECT_LT(sustained_clock_hertz(held, load), 0.9 * held.boost_clock_hertz);
  EXPECT_NEAR(attention_pair_seconds(held, precision::bf16, 128, 128, 1) / free,
              held.boost_clock_hertz / sustained_clock_hertz(held, load), 0.01);
}

TEST(AttentionBytes, CountOnlyKeysInTheWindowAndLatentsOnce) {
  models::attention a{2, 1, 1000, 8, 2, 128};
  EXPECT_DOUBLE_EQ(attention_bytes(a, precision::bf16), 2 * 2.0 * (8 * 256 + 2 * 1000 * 256));
  a.window = 100;
  EXPECT_DOUBLE_EQ(attention_bytes(a, precision::bf16), 2 * 2.0 * (8 * 256 + 2 * 100 * 256));
  models::attention latent{1, 1, 1000, 16, 1, 576};
  latent.value_head_dim = 512;
  latent.values_in_keys = true;
  EXPECT_DOUBLE_EQ(attention_bytes(latent, precision::bf16), 2.0 * (16 * 1088 + 1000 * 576));
}

TEST(AttentionPrefill, TakesItsLongestTileWhenTilesAreFew) {
  // 256 queries: 4 tiles of 64 that see 1, 1, 2 and 2 blocks of 128 keys, 1.5 on average.
  const double pair = std::cbrt(std::pow(5.12e-12, 3) + std::pow(0.625e-12, 3));
  const double block = 64 * 128 * 100 * pair;
  const double waves = 1.5 * block, longest = 2 * block;
  const std::vector<double> values{1e-6, 1 / 0.82, 1e9, 0, 1 / 1.3, 0, 0};
  const kernel_time t = attention_prefill.time(plain_gpu(), call_of({1, 256, 256, 1, 1, 128}), values.data());
  EXPECT_NEAR(t.seconds, 1e-6 + std::pow(std::pow(waves, 4) + std::pow(longest, 4), 0.25), 1e-12);
  EXPECT_EQ(t.bound_by, bound::compute);
}

TEST(AttentionPrefill, RunsInWholeWaves) {
  const std::vector<double> values{1e-9, 1 / 0.82, 1e9, 0, 1e-3, 0, 0};
  // One tile a head, all tiles alike: 100 take one wave, 101 two.
  const auto seconds = [&](std::int64_t heads) {
    return attention_prefill.time(plain_gpu(), call_of({1, 64, 64, heads, 1, 128}), values.data()).seconds;
  };
  EXPECT_NEAR(seconds(101) / seconds(100), 2, 1e-3);
  EXPECT_NEAR(seconds(200) / seconds(101), 1, 1e-3);
}

TEST(AttentionPrefill, WritesTheCacheOfAServerOnly) {
  const std::vector<double> values{1e-6, 0.6, 6, 1, 1, 1, 1e-9};
  models::attention a{4, 1000, 1000, 32, 2, 128};
  const double alone = attention_prefill.time(plain_gpu(), call_of(a), values.data()).seconds;
  a.writes_cache = true;
  const double served = attention_prefill.time(plain_gpu(), call_of(a), values.data()).seconds;
  // 4000 tokens, 256 threads each, 2048 a multiprocessor, 3.8 us a wave.
  EXPECT_NEAR(served - alone, 4000 * 256.0 / 2048 / 100 * 3.8e-6, 1e-12);
}

TEST(AttentionPrefill, IsFasterWithAWindowAndSlowerBackwards) {
  models::attention a{1, 8192, 8192, 32, 8, 128};
  const double whole = typical_seconds(plain_gpu(), call_of(a));
  a.window = 1024;
  const double windowed = typical_seconds(plain_gpu(), call_of(a));
  // The window leaves 1024 of 4096 pairs a query on average.
  EXPECT_LT(windowed, 0.35 * whole);
  EXPECT_GT(windowed, 0.2 * whole);
  a.window = 0;
  a.backward = true;
  EXPECT_NEAR(typical_seconds(plain_gpu(), call_of(a)) / whole, 3.1, 0.1);
}

TEST(AttentionDecode, StreamsItsKeysAndValues) {
  // 64 sequences of 4096 keys, 8 heads for 32: 512 tiles in 6 waves of 32 blocks; nothing is split.
  const std::vector<double> values{1e-6, 1, 1, 0, 0, 1, 20, 0};
  const double pair = std::cbrt(std::pow(5.12e-12, 3) + std::pow(0.625e-12, 3));
  const double chain = 6 * 32 * (64 * 128 * 100 * pair);
  const double bytes = 2.0 * 64 * (32 * 256 + 8 * 4096 * 256);
  const double memory = bytes / 0.92e12 + 4e-6;
  // Heads are grouped: copies bring them together.
  const double regroup = (0.33 + 1.3) * 4.6e-6;
  const kernel_time t = attention_decode.time(plain_gpu(1e6), call_of({64, 1, 4096, 32, 8, 128}), values.data());
  EXPECT_NEAR(t.seconds, 1e-6 + regroup + std::sqrt(chain * chain + memory * memory), 1e-10);
  EXPECT_EQ(t.bound_by, bound::memory);
}

TEST(AttentionDecode, SplitsKeysOverIdleMultiprocessors) {
  const std::vector<double> values{1e-9, 1, 1, 0, 0, 0, 1e9, 0};
  const double pair = std::cbrt(std::pow(5.12e-12, 3) + std::pow(0.625e-12, 3));
  const double block = 64 * 128 * 100 * pair;
  // What is read from L2 adds little. One tile of 32 blocks: 32 parts on a GPU that packs groups; none where no heads
  // are grouped on an older one.
  const operator_call lone = call_of({1, 1, 4096, 1, 1, 128});
  EXPECT_NEAR(attention_decode.time(bulk_copying_gpu(), lone, values.data()).seconds, 1.25e-9 + block, 0.02 * block);
  EXPECT_NEAR(attention_decode.time(plain_gpu(), lone, values.data()).seconds, 1e-9 + 32 * block, 2e-3 * block);
}

TEST(AttentionDecode, TakesSpeculatedQueriesAndNoPrompts) {
  EXPECT_TRUE(attention_decode.covers(call_of({1, 1, 1, 8, 8, 128})));
  EXPECT_TRUE(attention_decode.covers(call_of({1, 4, 1000, 8, 8, 128})));
  EXPECT_FALSE(attention_decode.covers(call_of({1, 4, 4, 8, 8, 128})));
  EXPECT_FALSE(attention_decode.covers({models::gemm{8, 8, 8}, precision::bf16}));
  EXPECT_TRUE(attention_prefill.covers(call_of({1, 4, 4, 8, 8, 128})));
  EXPECT_FALSE(attention_prefill.covers({models::gemm{8, 8, 8}, precision::bf16}));
}

TEST(Attention, SeesTheDispatchOfAnEagerCall) {
  const double floor = 3e-5;
  EXPECT_DOUBLE_EQ(typical_seconds(plain_gpu(), call_of({1, 1, 16, 8, 8, 64}, launch::eager)), floor);
  EXPECT_DOUBLE_EQ(typical_seconds(plain_gpu(), call_of({1, 16, 16, 8, 8, 64}, launch::eager)), floor);
}

TEST(Attention, GrowsWithItsWorkAndNeverBeatsTheGpu) {
  for (const gpu_traits& on : {plain_gpu(0.5e6), plain_gpu(1e8), bulk_copying_gpu()}) {
    for (const std::int64_t queries : {std::int64_t{0}, std::int64_t{1}}) {
      double before = 0;
      for (std::int64_t keys = 16; keys <= 1 << 20; keys *= 2) {
        const models::attention a{4, queries > 0 ? queries : keys, keys, 32, 8, 128};
        const double seconds = typical_seconds(on, call_of(a));
        EXPECT_GE(seconds, before * (1 - 1e-9)) << keys;
        const models::work w = models::work_of(a, precision::bf16);
        EXPECT_GT(seconds, w.flop / on.peak_of(precision::bf16)) << keys;
        before = seconds;
      }
    }
  }
}

TEST(Attention, IsFasterOnAFasterGpu) {
  for (const models::attention& a :
       {models::attention{8, 2048, 2048, 32, 8, 128}, models::attention{64, 1, 8192, 32, 8, 128}}) {
    const double base = typical_seconds(plain_gpu(), call_of(a));
    gpu_traits on = plain_gpu();
    on.memory_bandwidth_bytes_per_second *= 2;
    EXPECT_LE(typical_seconds(on, call_of(a)), base);
    on.peak[static_cast<std::size_t>(precision::bf16)] *= 2;
    EXPECT_LT(typical_seconds(on, call_of(a)), base);
  }
}

TEST(Attention, StaysFiniteForSmallAndHugeShapes) {
  for (const models::attention& a :
       {models::attention{1, 1, 1, 1, 1, 1}, models::attention{1, 2, 2, 1, 1, 1},
        models::attention{1 << 20, 1 << 20, 1 << 20, 1024, 1024, 1024},
        models::attention{1 << 20, 1, std::int64_t{1} << 40, 1024, 1, 1024}, models::attention{1, 10, 5, 3, 2, 64}}) {
    for (const gpu_traits& on : {plain_gpu(), bulk_copying_gpu()}) {
      const double seconds = typical_seconds(on, call_of(a));
      EXPECT_TRUE(std::isfinite(seconds));
      EXPECT_GT(seconds, 0);
    }
  }
}

}  // namespace
}  // namespace gpubench::predictor
