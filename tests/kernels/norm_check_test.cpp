#include "kernels/norm_check.hpp"

#include "kernels/pooling_check.hpp"
#include "kernels/softmax_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gpubench::kernels {
namespace {

TEST(norm_check, sets_are_rows_or_columns) {
  const norm_problem layer{storage::fp32, false, true, 3, 5};
  EXPECT_EQ(layer.sets(), 3);
  EXPECT_EQ(layer.count(), 5);
  EXPECT_EQ(layer.index(2, 4), 14u);
  EXPECT_EQ(layer.column(2, 4), 4u);
  const norm_problem batch{storage::fp32, true, true, 3, 5};
  EXPECT_EQ(batch.sets(), 5);
  EXPECT_EQ(batch.count(), 3);
  EXPECT_EQ(batch.index(4, 2), 14u);
  EXPECT_EQ(batch.column(4, 2), 4u);
}

TEST(norm_check, normalised_sets_have_mean_0_and_deviation_1) {
  for (const bool by_column : {false, true}) {
    const norm_problem p{storage::fp32, by_column, true, 64, 48};
    const auto of = reference_statistics(p, 7);
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < p.count(); ++i) {
      const double x = stored_operand(p.type, norm_x, p.index(7, i));
      const double z = (x - of.mean) * of.inverse_deviation;
      sum += z;
      squares += z * z;
      const double scale = stored_operand(storage::fp32, norm_scale, p.column(7, i));
      const double bias = stored_operand(storage::fp32, norm_bias, p.column(7, i));
      EXPECT_DOUBLE_EQ(reference_normalized(p, of, 7, i).value, z * scale + bias);
    }
    EXPECT_NEAR(sum, 0, 1e-9);
    EXPECT_NEAR(squares / static_cast<double>(p.count()), 1, 1e-4);  // but for epsilon
  }
}

TEST(norm_check, rms_subtracts_no_mean) {
  const norm_problem p{storage::fp32, false, false, 4, 16};
  EXPECT_EQ(reference_statistics(p, 1).mean, 0);
  EXPECT_EQ(given_statistics(p, 1).mean, 0);
  EXPECT_NE(given_statistics({storage::fp32, false, true, 4, 16}, 1).mean, 0);
}

/// Sum over all outputs of dy * y with mean and inverse deviation of x itself, as a function of one input.
double loss(const norm_problem& p, std::int64_t set, std::int64_t moved, double by) {
  std::vector<double> x;
  double mean = 0, variance = 0;
  for (std::int64_t i = 0; i < p.count(); ++i) {
    x.push_back(stored_operand(p.type, norm_x, p.index(set, i)) + (i == moved ? by : 0));
    mean += p.centred ? x.back() / static_cast<double>(p.count()) : 0;
  }
  for (const double value : x) variance += (value - mean) * (value - mean) / static_cast<double>(p.count());
  double sum = 0;
  for (std::int64_t i = 0; i < p.count(); ++i) {
    const double scale = stored_operand(storage::fp32, norm_scale, p.column(set, i));
    const double dy = stored_operand(p.type, norm_dy, p.index(set, i));
    sum += dy * scale * (x[static_cast<std::size_t>(i)] - mean) / std::sqrt(variance);
  }
  return sum;
}

/// The gradients' formula with a set's own statistics (without epsilon) in the place of given ones.
double analytic(const norm_problem& p, std::int64_t set, std::int64_t i) {
  double mean = 0, variance = 0;
  const auto count = static_cast<double>(p.count());
  const auto x = [&](std::int64_t j) { return stored_operand(p.type, norm_x, p.index(set, j)); };
  for (std::int64_t j = 0; j < p.count(); ++j) mean += p.centred ? x(j) / count : 0;
  for (std::int64_t j = 0; j < p.count(); ++j) variance += (x(j) - mean) * (x(j) - mean) / count;
  const double inverse = 1 / std::sqrt(variance);
  const auto g = [&](std::int64_t j) {
    return stored_operand(p.type, norm_dy, p.index(set, j)) *
           stored_operand(storage::fp32, norm_scale, p.column(set, j));
  };
  double plain = 0, weighted = 0;
  for (std::int64_t j = 0; j < p.count(); ++j) {
    plain += p.centred ? g(j) / count : 0;
    weighted += g(j) * (x(j) - mean) * inverse / count;
  }
  return inverse * (g(i) - plain - (x(i) - mean) * inverse * weighted);
}

TEST(norm_check, the_gradients_formula_is_the_derivative) {
  for (const norm_problem& p :
       {norm_problem{storage::fp32, false, true, 6, 40}, norm_problem{storage::fp32, true, true, 40, 6},
        norm_problem{storage::fp32, false, false, 6, 40}}) {
    for (const std::int64_t i : {0, 17, 39}) {
      const double step = 1e-5;
      const double slope = (loss(p, 3, i, step) - loss(p, 3, i, -step)) / (2 * step);
      EXPECT_NEAR(analytic(p, 3, i), slope, 1e-7);
    }
  }
}

TEST(norm_check, given_statistics_go_into_the_same_formula) {
  const norm_problem p{storage::fp32, false, true, 6, 40};
  const auto of = given_statistics(p, 2);
  const auto means = reference_gradient_means(p, 2);
  double plain = 0, weighted = 0;
  for (std::int64_t j = 0; j < 40; ++j) {
    const double g =
        stored_operand(p.type, norm_dy, p.index(2, j)) * stored_operand(storage::fp32, norm_scale, p.column(2, j));
    plain += g / 40;
    weighted += g * (stored_operand(p.type, norm_x, p.index(2, j)) - of.mean) * of.inverse_deviation / 40;
  }
  EXPECT_NEAR(means.plain, plain, 1e-12);
  EXPECT_NEAR(means.weighted, weighted, 1e-12);
  const double g = stored_operand(p.type, norm_dy, p.index(2, 5)) * stored_operand(storage::fp32, norm_scale, 5);
  const double z = (stored_operand(p.type, norm_x, p.index(2, 5)) - of.mean) * of.inverse_deviation;
  EXPECT_NEAR(reference_input_gradient(p, means, 2, 5).value, of.inverse_deviation * (g - plain - z * weighted), 1e-12);
}

TEST(norm_check, parameter_gradients_sum_over_rows) {
  for (const bool by_column : {false, true}) {
    const norm_problem p{storage::bf16, by_column, true, 4, 3};
    double dscale = 0, dbias = 0;
    for (std::uint64_t row = 0; row < 4; ++row) {
      const std::uint64_t at = row * 3 + 1;
      const std::uint64_t set = by_column ? 1 : row;
      const double z = (stored_operand(p.type, norm_x, at) - stored_operand(storage::fp32, norm_mean, set)) *
                       stored_operand(storage::fp32, norm_inverse_deviation, set);
      dscale += stored_operand(p.type, norm_dy, at) * z;
      dbias += stored_operand(p.type, norm_dy, at);
    }
    const auto found = reference_parameter_gradients(p, 1);
    EXPECT_NEAR(found.dscale.value, dscale, 1e-12);
    EXPECT_NEAR(found.dbias.value, dbias, 1e-12);
  }
}

TEST(norm_check, tokens_have_parameters_of_their_own_type_and_images_of_fp32) {
  for (const bool by_column : {false, true}) {
    const norm_problem p{storage::bf16, by_column, true, 64, 48};
    const auto of = reference_statistics(p, 7);
    const double z = (stored_operand(p.type, norm_x, p.index(7, 5)) - of.mean) * of.inverse_deviation;
    const storage type = by_column ? storage::fp32 : storage::bf16;
    const std::uint64_t at = p.column(7, 5);
    const double expected = z * stored_operand(type, norm_scale, at) + stored_operand(type, norm_bias, at);
    EXPECT_DOUBLE_EQ(reference_normalized(p, of, 7, 5).value, expected);
  }
}

TEST(softmax_check, allows_two_roundings_to_the_type_and_no_third) {
  const auto expected = reference_softmax(storage::bf16, 100, 3);
  double sum = 0;
  for (const auto& one : expected) {
    sum += one.value;
    const double rounding = std::ldexp(one.value, -8);
    EXPECT_LE(one.error_of(one.value + 1.9 * rounding), 1);
    EXPECT_GT(one.error_of(one.value + 2.1 * rounding), 1);
  }
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(norm_check, bounds_pass_rounding_and_notice_defects) {
  const norm_problem p{storage::fp32, false, true, 8, 4096};
  const auto of = reference_statistics(p, 3);
  const auto right = reference_normalized(p, of, 3, 100);
  EXPECT_LE(right.error_of(static_cast<float>(right.value)), 1);
  EXPECT_FALSE(right.error_of(std::numeric_limits<double>::quiet_NaN()) <= 1);
  // Without epsilon, with a variance over one value less, or with bf16 arithmetic.
  int noticed = 0;
  for (std::int64_t i = 0; i < 100; ++i) {
    const auto expected = reference_normalized(p, of, 3, i);
    norm_statistics other = of;
    other.inverse_deviation *= std::sqrt(4095.0 / 4096);
    noticed += expected.error_of(reference_normalized(p, other, 3, i).value) > 1;
  }
  EXPECT_GE(noticed, 60);
}

TEST(softmax_check, rows_sum_to_one_and_follow_the_exponential) {
  const auto row = reference_softmax(storage::fp32, 100, 2);
  double sum = 0;
  for (const auto& one : row) sum += one.value;
  EXPECT_NEAR(sum, 1, 1e-12);
  const double difference = stored_operand(storage::fp32, 1, 207) - stored_operand(storage::fp32, 1, 203);
  EXPECT_NEAR(row[7].value / row[3].value, std::exp(difference), 1e-12);
  EXPECT_LE(row[3].error_of(static_cast<float>(row[3].value)), 1);
  EXPECT_GT(row[3].error_of(row[3].value * 1.0001), 1);
}

TEST(pooling_check, windows_at_the_border_lose_what_is_outside) {
  const pooling_shape s{storage::fp32, 1, 2, 4, 4, 3, 2, 1};
  EXPECT_EQ(s.out_height(), 2);
  // Output (0, 0) of channel 1 sees rows and columns 0 and 1.
  double largest = -2;
  for (const std::uint64_t pixel : {0u, 1u, 4u, 5u}) {
    largest = std::max(largest, stored_operand(storage::fp32, pooling_x, pixel * 2 + 1));
  }
  EXPECT_EQ(reference_maximum(s, 1), largest);
  // Output (1, 1), the fourth, of channel 0 sees rows and columns 1 to 3.
  largest = -2;
  for (const std::uint64_t y : {1u, 2u, 3u}) {
    for (const std::uint64_t x : {1u, 2u, 3u}) {
      largest = std::max(largest, stored_operand(storage::fp32, pooling_x, (y * 4 + x) * 2));
    }
  }
  EXPECT_EQ(reference_maximum(s, 6), largest);
}

}  // namespace
}  // namespace gpubench::kernels
