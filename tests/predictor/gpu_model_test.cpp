#include "predictor/gpu_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "predictor/streaming.hpp"
#include "sample_gpus.hpp"
#include "synthetic_family.hpp"

namespace gpubench::predictor {
namespace {

/// Streams measured on an A100 at one size, where they take a fifth longer than the analytic model says.
operator_calibration calibrated_at(const operator_call& call) {
  operator_calibration known = uncalibrated();
  family_calibration& entry = known.families.find("streaming")->second;
  calibrated_device d;
  d.name = "A100-SXM4-80GB";
  d.architecture = "Ampere";
  d.fit.values = entry.all;
  d.fit.rows = 100;
  d.points = {{streaming_family.features(call), static_cast<float>(std::log(1.2))}};
  entry.devices = {d};
  entry.transfer = 0.5;
  entry.bands = {{{0.9, 1.1, 0, 1}, {0.8, 1.3, 0, 1}, {0.6, 1.7, 0, 1}}};
  entry.index();
  return known;
}

const operator_call large = stream_of(1 << 30);

double analytic(const gpu_traits& on, const operator_call& call) {
  return streaming_family.time(on, call, uncalibrated().of(streaming_family).all.data()).seconds;
}

TEST(gpu_model, tiers_in_their_order_on_the_measured_gpu) {
  const operator_calibration known = calibrated_at(large);
  const gpu_model model(sample_a100(), known);
  EXPECT_EQ(model.time(large).basis, basis::measured);
  EXPECT_EQ(model.time(stream_of(2.0 * (1 << 30))).basis, basis::interpolated);
  EXPECT_EQ(model.time(stream_of(5.6 * (1 << 30))).basis, basis::calibrated) << "two octaves and a half away";
  EXPECT_EQ(model.time(stream_of(1 << 10)).basis, basis::architecture) << "not a shape that the fit has seen";
  operator_call eager = large;
  eager.how = launch::eager;
  EXPECT_EQ(model.time(eager).basis, basis::architecture) << "what a host adds is no property of the kernel";
}

TEST(gpu_model, a_gpu_of_a_few_rows_keeps_the_interval_of_its_architecture) {
  operator_calibration known = calibrated_at(large);
  known.families.find("streaming")->second.devices[0].fit.rows = 1;
  const estimate e = gpu_model(sample_a100(), known).time(large);
  EXPECT_NEAR(e.low / e.seconds, 0.8, 1e-9);
  EXPECT_NEAR(e.high / e.seconds, 1.3, 1e-9);
}

TEST(gpu_model, a_measured_shape_is_as_measured_and_a_far_one_as_the_model_says) {
  const operator_calibration known = calibrated_at(large);
  const gpu_model model(sample_a100(), known);
  EXPECT_NEAR(model.time(large).seconds, 1.2 * analytic(sample_a100(), large), 0.002 * analytic(sample_a100(), large));
  const operator_call far = stream_of(1 << 8);
  EXPECT_NEAR(model.time(far).seconds, analytic(sample_a100(), far), 0.01 * analytic(sample_a100(), far));
}

TEST(gpu_model, tiers_of_gpus_that_were_not_measured) {
  const operator_calibration known = calibrated_at(large);
  gpu_traits sibling = sample_a100();
  sibling.name = "A100-PCIe-40GB";
  EXPECT_EQ(gpu_model(sibling, known).time(large).basis, basis::architecture);
  EXPECT_EQ(gpu_model(sample_t4(), known).time(large).basis, basis::data_sheet);
  const operator_calibration nothing = uncalibrated();
  EXPECT_EQ(gpu_model(sample_a100(), nothing).time(large).basis, basis::data_sheet);
}

TEST(gpu_model, other_gpus_residuals_count_by_the_share_that_transfers) {
  operator_calibration known = calibrated_at(large);
  const double half = gpu_model(sample_t4(), known).time(large).seconds;
  known.families.find("streaming")->second.transfer = 0;
  const double none = gpu_model(sample_t4(), known).time(large).seconds;
  EXPECT_NEAR(half / none, std::sqrt(1.2), 0.002);
  EXPECT_NEAR(none, analytic(sample_t4(), large), 1e-3 * none);
}

TEST(gpu_model, intervals_are_those_of_the_nearness) {
  const operator_calibration known = calibrated_at(large);
  const estimate own = gpu_model(sample_a100(), known).time(large);
  EXPECT_NEAR(own.low / own.seconds, 0.9, 1e-9);
  EXPECT_NEAR(own.high / own.seconds, 1.1, 1e-9);
  const estimate other = gpu_model(sample_t4(), known).time(large);
  EXPECT_NEAR(other.low / other.seconds, 0.6, 1e-9);
  EXPECT_NEAR(other.high / other.seconds, 1.7, 1e-9);
  EXPECT_EQ(own.bound_by, bound::memory);
}

TEST(gpu_model, every_kind_of_operator_has_a_model) {
  const operator_calibration nothing = uncalibrated();
  const gpu_model model(sample_a100(), nothing);
  for (const models::operator_shape& shape :
       {models::operator_shape(models::gemm{64, 64, 64}), models::operator_shape(models::streaming{1024, 0}),
        models::operator_shape(models::attention{1, 64, 64, 8, 8, 64}),
        models::operator_shape(models::row_operation{models::row_operation::kind::softmax, 8, 8})}) {
    const operator_call call{shape, models::precision::bf16, launch::captured};
    EXPECT_GT(model.time(call).seconds, 0) << models::kind_of(shape);
  }
}

TEST(gpu_model, is_finite_and_positive_at_either_end_of_the_sizes) {
  const operator_calibration nothing = uncalibrated();
  const gpu_model model(sample_a100(), nothing);
  constexpr std::int64_t huge = std::int64_t{1} << 40;
  for (const std::int64_t n : {std::int64_t{1}, huge}) {
    for (const models::operator_shape& shape :
         {models::operator_shape(models::gemm{n, n, n, n}), models::operator_shape(models::attention{n, n, n, n, n, n}),
          models::operator_shape(models::attention{n, 1, n, n, n, n}),
          models::operator_shape(models::row_operation{models::row_operation::kind::layer_norm, n, n})}) {
      const estimate e = model.time({shape, models::precision::bf16, launch::captured});
      EXPECT_TRUE(std::isfinite(e.seconds) && e.seconds > 0) << models::kind_of(shape) << " " << n;
      EXPECT_TRUE(e.low <= e.seconds && e.seconds <= e.high) << models::kind_of(shape) << " " << n;
    }
  }
}

}  // namespace
}  // namespace gpubench::predictor
