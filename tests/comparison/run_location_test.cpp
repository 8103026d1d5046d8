#include "comparison/run_location.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace gpubench::comparison {
namespace {

/// x[i] = a x[i-1] + noise, whose integrated autocorrelation time is (1 + a) / (1 - a).
std::vector<double> autoregressive(double a, std::size_t count, unsigned seed) {
  std::mt19937 source(seed);
  std::normal_distribution<double> noise;
  std::vector<double> values;
  double x = 0;
  for (std::size_t i = 0; i < count; ++i) values.push_back(x = a * x + noise(source));
  return values;
}

TEST(integrated_autocorrelation, is_that_of_an_autoregressive_series) {
  EXPECT_NEAR(integrated_autocorrelation(autoregressive(0.8, 100000, 1)), 9, 1.2);
  EXPECT_NEAR(integrated_autocorrelation(autoregressive(0, 100000, 2)), 1, 0.1);
}

TEST(integrated_autocorrelation, is_one_where_nothing_is_known) {
  EXPECT_EQ(integrated_autocorrelation({1, 2, 3}), 1);
  EXPECT_EQ(integrated_autocorrelation(std::vector<double>(50, 4.0)), 1);
}

TEST(integrated_autocorrelation, is_long_for_a_drift) {
  std::vector<double> drift;
  for (int i = 0; i < 100; ++i) drift.push_back(i);
  EXPECT_GT(integrated_autocorrelation(drift), 20);
}

TEST(independent_units, are_as_many_as_there_is_independent_knowledge) {
  EXPECT_EQ(independent_units({3, 1, 2}).size(), 3u);
  EXPECT_LE(independent_units(autoregressive(0.8, 1000, 3)).size(), 150u);
  EXPECT_EQ(independent_units(autoregressive(0, 5000, 4)).size(), 200u);
}

TEST(locate, gives_the_lower_quartile_of_samples_and_of_blocks) {
  std::vector<double> samples;
  for (int i = 0; i < 80; ++i) samples.push_back(i % 2 == 0 ? 1 : std::exp(1));
  const auto found = locate(samples, sample_quantile::lower_quartile);
  EXPECT_DOUBLE_EQ(found.log_time, 0);
  EXPECT_LE(found.units.size(), 80 / least_quartile_block);
  EXPECT_DOUBLE_EQ(*found.sampling_variance, 0);
  EXPECT_GT(*locate(samples).sampling_variance, 0);
}

TEST(locate, gives_the_log_time_and_how_far_sampling_moves_it) {
  EXPECT_DOUBLE_EQ(locate({std::exp(1), std::exp(2), std::exp(4)}).log_time, 2);
  EXPECT_FALSE(locate({5}).sampling_variance);
  // The sampling variance over many draws is the variance of the medians themselves.
  std::mt19937 source(5);
  std::lognormal_distribution<double> times(10, 0.02);
  double mean_variance = 0, squares = 0;
  constexpr int draws = 400, samples = 60;
  for (int i = 0; i < draws; ++i) {
    std::vector<double> run;
    for (int j = 0; j < samples; ++j) run.push_back(times(source));
    const auto found = locate(run);
    mean_variance += *found.sampling_variance / draws;
    squares += (found.log_time - 10) * (found.log_time - 10) / draws;
  }
  EXPECT_NEAR(mean_variance / squares, 1, 0.35);
}

}  // namespace
}  // namespace gpubench::comparison
