#include "predictor/calibrate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "predictor/gpu_model.hpp"
#include "predictor/streaming.hpp"
#include "sample_gpus.hpp"

namespace gpubench::predictor {
namespace {

gpu_traits variant(gpu_traits t, const std::string& name, const std::string& architecture, double generation,
                   double bandwidth) {
  t.name = name;
  t.architecture = architecture;
  t.generation = generation;
  t.memory_bandwidth_bytes_per_second = bandwidth;
  return t;
}

/// 200 streams on a GPU whose memory reaches `share` of what the model expects, with `noise` in the logarithm, and
/// times multiplied by exp(bend * sin(size in octaves)), which no coefficient can follow.
std::vector<observation> measured(const gpu_traits& traits, double share, double noise, double bend,
                                  unsigned seed = 1) {
  const auto on = std::make_shared<const gpu_traits>(traits);
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, noise);
  std::vector<double> values = uncalibrated().of(streaming_family).all;
  values[0] = share;
  std::vector<observation> rows;
  for (int i = 0; i < 200; ++i) {
    observation o;
    o.on = on;
    const double octaves = 24 + 8.0 * i / 200;
    o.call = {models::streaming{std::exp2(octaves), 0}, models::precision::fp32, launch::captured};
    o.fold = i % 10;
    o.seconds = streaming_family.time(traits, o.call, values.data()).seconds *
                std::exp(normal(random) + bend * std::sin(octaves));
    rows.push_back(o);
  }
  return rows;
}

std::vector<observation> several(double bend, double noise = 0.02) {
  std::vector<observation> rows;
  const std::pair<gpu_traits, double> devices[] = {{variant(sample_a100(), "one", "Ampere", 2.5, 2e12), 0.95},
                                                   {variant(sample_a100(), "two", "Hopper", 3.5, 3e12), 1.0},
                                                   {variant(sample_a100(), "three", "Volta", 1, 0.9e12), 0.9},
                                                   {variant(sample_t4(), "four", "Turing", 1.5, 3e11), 1.05},
                                                   {variant(sample_a100(), "five", "Ampere", 2.5, 1.5e12), 0.98}};
  unsigned seed = 1;
  for (const auto& [on, share] : devices) {
    for (const observation& o : measured(on, share, noise, bend, seed++)) rows.push_back(o);
  }
  return rows;
}

calibration_options options() {
  calibration_options o;
  o.source = "made up";
  o.date = "2026-11-01";
  return o;
}

TEST(calibrate, finds_the_coefficients_of_a_device_and_says_how_well_they_fit) {
  const auto result =
      calibrate(measured(variant(sample_a100(), "one", "Ampere", 2.5, 2e12), 0.85, 0.02, 0), uncalibrated(), options());
  const family_calibration& known = result.known.of(streaming_family);
  ASSERT_NE(known.find("one"), nullptr);
  EXPECT_NEAR(known.find("one")->fit.values[0], 0.85, 0.02);
  EXPECT_EQ(known.find("one")->fit.rows, 200U);
  EXPECT_EQ(known.origin.source, "made up");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].family, "streaming");
  EXPECT_EQ(result.errors[0].rows, 20U);
  EXPECT_FALSE(result.errors[0].has_foreign);
  EXPECT_LT(result.errors[0].own_mean, 0.04);
  EXPECT_GT(result.errors[0].own_mean, 0.005);
  EXPECT_GT(result.errors[0].roofline_mean, result.errors[0].own_mean);
}

TEST(calibrate, other_families_stay_as_they_were) {
  const auto result = calibrate(several(0), uncalibrated(), options());
  for (const operator_family* family : operator_families()) {
    if (family->name == "streaming") continue;
    EXPECT_EQ(result.known.of(*family).all, uncalibrated().of(*family).all);
    EXPECT_TRUE(result.known.of(*family).devices.empty());
  }
}

TEST(calibrate, a_gpu_left_out_is_predicted_from_the_others) {
  const auto result = calibrate(several(0), uncalibrated(), options());
  ASSERT_EQ(result.errors.size(), 5U);
  for (const held_out_error& e : result.errors) {
    EXPECT_TRUE(e.has_foreign);
    // Shares differ by 15 % at most; noise adds 2 %.
    EXPECT_LT(e.foreign_mean, 0.15) << e.device;
    EXPECT_LT(e.own_mean, e.foreign_mean + 0.01) << e.device;
  }
}

TEST(calibrate, bands_cover_nine_in_ten_of_new_rows_of_a_measured_gpu) {
  const auto result = calibrate(several(0, 0.1), uncalibrated(), options());
  const gpu_traits one = variant(sample_a100(), "one", "Ampere", 2.5, 2e12);
  const gpu_model model(one, result.known);
  int inside = 0;
  const auto fresh = measured(one, 0.95, 0.1, 0, 99);
  for (const observation& o : fresh) {
    const estimate e = model.time(o.call);
    inside += o.seconds >= e.low && o.seconds <= e.high ? 1 : 0;
  }
  EXPECT_GE(inside, 160);
  EXPECT_LE(inside, 196);
}

TEST(calibrate, bands_of_gpus_without_measurements_are_wider) {
  const auto result = calibrate(several(0), uncalibrated(), options());
  const auto& bands = result.known.of(streaming_family).bands;
  const residual_band own = bands[0], other = bands[static_cast<std::size_t>(nearness::other)];
  EXPECT_GT(own.rows, 0U);
  EXPECT_GT(other.rows, 0U);
  EXPECT_LT(own.high / own.low, other.high / other.low);
  for (const residual_band& band : bands) EXPECT_TRUE(band.low <= 1 && band.high >= 1);
}

TEST(calibrate, residuals_that_all_gpus_share_transfer) {
  EXPECT_GE(calibrate(several(0.3), uncalibrated(), options()).known.of(streaming_family).transfer, 0.75);
}

TEST(calibrate, residuals_of_one_gpu_alone_do_not) {
  std::vector<observation> rows = several(0);
  int at = 0;
  for (observation& o : rows) {
    // A bend of its own sign and phase on each.
    const double octaves = std::log2(std::get<models::streaming>(o.call.shape).bytes);
    o.seconds *= std::exp(0.3 * std::sin(octaves * 1.3 + 2.5 * (at++ / 200)));
  }
  EXPECT_LE(calibrate(rows, uncalibrated(), options()).known.of(streaming_family).transfer, 0.5);
}

TEST(calibrate, earlier_gpus_stay_and_later_rows_refine) {
  const auto first = calibrate(several(0), uncalibrated(), options());
  const auto second =
      calibrate(measured(variant(sample_t4(), "six", "Ada", 3, 3e11), 0.9, 0.02, 0), first.known, options());
  const family_calibration& known = second.known.of(streaming_family);
  ASSERT_EQ(known.devices.size(), 6U);
  EXPECT_EQ(known.find("one")->fit.values, first.known.of(streaming_family).find("one")->fit.values);
  EXPECT_NEAR(known.find("six")->fit.values[0], 0.9, 0.03);
}

TEST(calibrate, without_held_out_rows_nothing_is_judged) {
  auto rows = several(0);
  for (observation& o : rows) o.fold = 1;
  const auto result = calibrate(rows, uncalibrated(), options());
  for (const held_out_error& e : result.errors) EXPECT_EQ(e.rows, 0U);
  for (const double v : result.known.of(streaming_family).all) EXPECT_TRUE(std::isfinite(v));
}

TEST(calibrate, with_held_out_rows_alone_it_still_fits) {
  auto rows = measured(variant(sample_a100(), "one", "Ampere", 2.5, 2e12), 0.85, 0.02, 0);
  for (observation& o : rows) o.fold = 0;
  const auto result = calibrate(rows, uncalibrated(), options());
  EXPECT_NEAR(result.known.of(streaming_family).find("one")->fit.values[0], 0.85, 0.02);
}

}  // namespace
}  // namespace gpubench::predictor
