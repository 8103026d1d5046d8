#include "comparison/variance.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

namespace gpubench::comparison {
namespace {

// Table of Student's t distribution: t(0.975; 5) = 2.571, t(0.995; 10) = 3.169; normal 1.960.
TEST(deviation_at, is_students_t_times_the_standard_deviation) {
  EXPECT_NEAR(deviation_at(0.05, {4, 5}), 2 * 2.571, 2e-3);
  EXPECT_NEAR(deviation_at(0.01, {1, 10}), 3.169, 1e-3);
  EXPECT_NEAR(deviation_at(0.05, {1, std::numeric_limits<double>::infinity()}), 1.960, 1e-3);
}

TEST(deviation_p, undoes_deviation_at) {
  const variance_estimate noise{0.25, 7};
  EXPECT_NEAR(deviation_p(deviation_at(0.003, noise), noise), 0.003, 1e-9);
  EXPECT_NEAR(deviation_p(-deviation_at(0.003, noise), noise), 0.003, 1e-9);
  EXPECT_EQ(deviation_p(0, noise), 1);
  EXPECT_EQ(deviation_p(0.1, {0, 7}), 0);
}

TEST(variance_of, needs_two_values) {
  EXPECT_FALSE(variance_of({1}));
  const auto two = variance_of({1, 3});
  ASSERT_TRUE(two);
  EXPECT_DOUBLE_EQ(two->variance, 2);
  EXPECT_EQ(two->degrees, 1);
}

TEST(pooled, weighs_by_degrees_of_freedom) {
  const auto both = pooled(variance_estimate{2, 1}, variance_estimate{5, 3});
  ASSERT_TRUE(both);
  EXPECT_DOUBLE_EQ(both->variance, 17.0 / 4);
  EXPECT_EQ(both->degrees, 4);
  EXPECT_EQ(pooled(std::nullopt, variance_estimate{5, 3})->variance, 5);
  EXPECT_FALSE(pooled(std::nullopt, std::nullopt));
}

/// Variances estimated from `degrees` where the true ones follow prior / (chi squared / prior_degrees).
std::vector<variance_estimate> drawn(double prior, double prior_degrees, double degrees, std::size_t count) {
  std::mt19937_64 source(20261126);
  std::chi_squared_distribution<double> truth(prior_degrees), estimate(degrees);
  std::vector<variance_estimate> estimates;
  for (std::size_t i = 0; i < count; ++i) {
    const double variance = prior * prior_degrees / truth(source);
    estimates.push_back({variance * estimate(source) / degrees, degrees});
  }
  return estimates;
}

TEST(common_variance, finds_the_distribution_that_variances_were_drawn_from) {
  const auto found = common_variance(drawn(4e-6, 6, 4, 20000));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->variance, 4e-6, 0.05 * 4e-6);
  EXPECT_NEAR(found->degrees, 6, 0.4);
}

TEST(common_variance, is_sure_where_all_benchmarks_are_alike) {
  std::vector<variance_estimate> alike(10, {1e-6, 4});
  const auto found = common_variance(alike);
  ASSERT_TRUE(found);
  EXPECT_TRUE(std::isinf(found->degrees));
  EXPECT_FALSE(common_variance({{1e-6, 4}, {1e-6, 4}}));
}

}  // namespace
}  // namespace gpubench::comparison
