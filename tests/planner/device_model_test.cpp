#include "planner/device_model.hpp"

#include <gtest/gtest.h>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;

const profiles::catalogue& sample() {
  static const profiles::catalogue known = testing::small_catalogue();
  return known;
}

device_model model_of(std::size_t instance) {
  return {device_of(sample().instances[instance], sample()).found.value(), testing::shipped().operators()};
}

lowered_step one(models::operator_shape shape, precision p, double count = 1) {
  return lowered_step({{"operator", std::move(shape), p, count}});
}

TEST(device_model, a_gpu_s_operators_take_what_the_predictor_s_model_of_it_says) {
  const device a100 = device_of(sample().instances[0], sample()).found.value();
  const predictor::gpu_model expected(predictor::traits_of(a100), testing::shipped().operators());
  const models::gemm shape{4096, 4096, 4096};
  const estimate one_product = expected.time({shape, precision::bf16});
  const estimate three = model_of(0).time(one(shape, precision::bf16, 3)).total();
  EXPECT_DOUBLE_EQ(three.seconds, 3 * one_product.seconds);
  EXPECT_DOUBLE_EQ(three.low, 3 * one_product.low);
  EXPECT_EQ(three.basis, one_product.basis);
}

TEST(device_model, a_precision_that_the_gpu_lacks_is_computed_in_its_stand_in) {
  const models::gemm shape{4096, 4096, 4096};
  const device_model a100 = model_of(0);
  EXPECT_DOUBLE_EQ(a100.time(one(shape, precision::fp8)).total().seconds,
                   a100.time(one(shape, precision::bf16)).total().seconds);
}

TEST(device_model, half_of_a_gpu_takes_about_twice_as_long) {
  for (const models::operator_shape& shape :
       {models::operator_shape(models::gemm{8192, 8192, 8192}), models::operator_shape(models::streaming{4e9, 1e9})}) {
    const double whole = model_of(2).time(one(shape, precision::fp16)).total().seconds;
    const double half = model_of(3).time(one(shape, precision::fp16)).total().seconds;
    EXPECT_NEAR(half / whole, 2, 0.3);
  }
}

TEST(device_model, a_shared_time_is_that_of_its_step) {
  device_model model = model_of(0);
  const lowered_step step = one(models::gemm{1024, 1024, 1024}, precision::bf16, 7);
  EXPECT_DOUBLE_EQ(model.shared_time(step).total().seconds, model.time(step).total().seconds);
  EXPECT_EQ(&model.shared_time(step), &model.shared_time(step));
}

}  // namespace
}  // namespace gpubench::planner
