#include "predictor/fit.hpp"

#include <gtest/gtest.h>

#include "sample_gpus.hpp"
#include "synthetic_family.hpp"

namespace gpubench::predictor {
namespace {

fit_prior typical_prior() {
  fit_prior prior;
  prior.centre = {0.8, 5e-6};
  return prior;
}

coefficient_fit fit(const std::vector<observation>& rows, const fit_prior& prior = typical_prior()) {
  return fit_coefficients(synthetic_family(), pointers_to(rows), prior);
}

TEST(fit, recovers_the_coefficients_that_made_the_data) {
  fit_prior loose = typical_prior();
  loose.widen = 100;
  const coefficient_fit found = fit(measured_on(sample_a100(), 0.6, 12e-6), loose);
  EXPECT_NEAR(found.values[0], 0.6, 0.003);
  EXPECT_NEAR(found.values[1], 12e-6, 0.06e-6);
  EXPECT_LT(found.mean_error, 0.005);
  EXPECT_LT(found.median_error, 0.005);
  EXPECT_EQ(found.rows, 60U);
}

TEST(fit, odd_rows_do_not_pull) {
  fit_prior loose = typical_prior();
  loose.widen = 100;
  auto rows = measured_on(sample_a100(), 0.6, 12e-6);
  for (std::size_t i = 0; i < rows.size(); i += 10) rows[i].seconds *= 20;
  const coefficient_fit found = fit(rows, loose);
  // A tenth of the rows is 20 times too slow: least squares of logarithms would take exp(0.1 * 3) = 1.35 of the time.
  EXPECT_NEAR(found.values[0], 0.6, 0.03);
  EXPECT_NEAR(found.values[1], 12e-6, 1e-6);
  EXPECT_LT(found.median_error, 0.06);
  EXPECT_GT(found.mean_error, found.median_error);
}

TEST(fit, a_single_row_moves_it_less_than_many) {
  const auto many = measured_on(sample_a100(), 0.5, 5e-6);
  const std::vector<observation> one{many.back()};
  const double after_one = fit(one).values[0], after_many = fit(many).values[0];
  // The row's error of 0.15 and the spread of 0.2 share the distance as 0.15^2 : 0.2^2.
  EXPECT_GT(after_one, 0.55);
  EXPECT_LT(after_one, 0.70);
  EXPECT_NEAR(after_many, 0.5, 0.01);
}

TEST(fit, what_no_row_tells_stays_at_the_prior) {
  auto rows = measured_on(sample_a100(), 0.5, 5e-6);
  // Only the largest: their time says nothing of the start.
  rows.erase(rows.begin(), rows.begin() + 50);
  EXPECT_NEAR(fit(rows).values[1], 5e-6, 0.1e-6);
}

TEST(fit, stays_within_the_bounds_of_each_coefficient) {
  const coefficient_fit found = fit(measured_on(sample_a100(), 3.0, 1e-9));
  EXPECT_LE(found.values[0], 1.0);
  EXPECT_GE(found.values[0], 0.95);
  EXPECT_GE(found.values[1], 1e-7);
}

TEST(fit, every_gpu_weighs_the_same_however_many_rows_it_has) {
  fit_prior loose = typical_prior();
  loose.widen = 100;
  loose.most_rows = 20;
  auto rows = measured_on(sample_a100(), 0.8, 5e-6, 600);
  gpu_traits t4 = sample_t4();
  for (const observation& o : measured_on(t4, 0.7, 5e-6, 20)) rows.push_back(o);
  const double share = fit(rows, loose).values[0];
  // Geometric middle of 0.8 and 0.7; by rows alone it would be 0.797.
  EXPECT_NEAR(share, std::sqrt(0.8 * 0.7), 0.015);
}

TEST(fit, residuals_are_measured_over_predicted) {
  auto rows = measured_on(sample_a100(), 0.8, 5e-6, 3);
  rows[1].seconds *= 2;
  const std::vector<double> residuals = log_residuals(synthetic_family(), pointers_to(rows), {0.8, 5e-6});
  ASSERT_EQ(residuals.size(), 3U);
  EXPECT_NEAR(residuals[0], 0, 1e-12);
  EXPECT_NEAR(residuals[1], std::log(2), 1e-12);
}

}  // namespace
}  // namespace gpubench::predictor
