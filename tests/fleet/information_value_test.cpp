#include "fleet/information_value.hpp"

#include "core/error.hpp"
#include "planner/decision.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace gpubench::fleet {
namespace {

constexpr double nothing_else = std::numeric_limits<double>::infinity();

// Unit normal loss: E[(Z - d)+] = phi(d) - d (1 - Phi(d)).   Raiffa & Schlaifer, 1961, section 5.3 and table II.
double unit_normal_loss(double d) {
  return std::exp(-d * d / 2) / std::sqrt(2 * 3.14159265358979323846) - d * 0.5 * std::erfc(d / std::sqrt(2));
}

std::vector<belief> some_beliefs(std::mt19937_64& from, std::size_t count) {
  std::uniform_real_distribution<double> mean(50, 200), spread(0, 0.6), left(0, 1.2);
  std::vector<belief> all;
  for (std::size_t i = 0; i < count; ++i) {
    const double s = spread(from);
    all.push_back({mean(from), s, s * left(from)});
  }
  return all;
}

TEST(ExpectedMinimum, OfOneWithoutABoundIsItsMean) {
  for (const double spread : {0.0, 0.01, 0.3, 1.5})
    EXPECT_NEAR(expected_minimum({{120, spread, 0}}, nothing_else), 120, 120e-8) << spread;
}

TEST(ExpectedMinimum, OfNoneIsTheBound) {
  EXPECT_DOUBLE_EQ(expected_minimum({}, 7), 7);
}

TEST(ExpectedMinimum, OfTwoAgreesWithTheExchangeOption) {
  // min(A, B) = A - (A - B)+
  for (const double a : {80.0, 100.0, 130.0})
    for (const double s : {0.02, 0.2, 0.7})
      EXPECT_NEAR(expected_minimum({{a, s, 0}, {100, 0.3, 0}}, nothing_else),
                  a - planner::expected_excess(a, s, 100, 0.3), 1e-5)
          << a << " " << s;
}

TEST(ExpectedMinimum, OfFiveAgreesWithSimulation) {
  const std::vector<belief> five{{100, 0.3, 0}, {105, 0.1, 0}, {120, 0.5, 0}, {90, 0.02, 0}, {300, 0.9, 0}};
  std::mt19937_64 from(1);
  std::normal_distribution<double> z;
  const int draws = 400'000;
  double sum = 0, squares = 0;
  for (int i = 0; i < draws; ++i) {
    double least = 95;
    for (const belief& b : five)
      least = std::min(least, b.mean_usd * std::exp(b.spread * z(from) - b.spread * b.spread / 2));
    sum += least;
    squares += least * least;
  }
  const double mean = sum / draws, error = std::sqrt((squares / draws - mean * mean) / draws);
  EXPECT_NEAR(expected_minimum(five, 95), mean, 4 * error);
}

TEST(Choice, PerfectInformationOnTwoNarrowBeliefsIsTheUnitNormalLoss) {
  // Costs of 1000 and 1001 with standard deviations of 1.2 and 0.9: of the difference 1.5; 1.5 L(1/1.5) = 1.5 * 0.1511.
  const choice two({{1000, 1.2e-3, 0}, {1001, 0.9e-3 * 1000 / 1001, 0}});
  EXPECT_NEAR(two.perfect(), 1.5 * unit_normal_loss(1 / 1.5), 1e-3);
  EXPECT_NEAR(unit_normal_loss(1 / 1.5), 0.1511, 1e-4);
  // Of one of them alone: its own standard deviation counts.
  EXPECT_NEAR(two.perfect_of(0), 1.2 * unit_normal_loss(1 / 1.2), 1e-3);
  EXPECT_NEAR(two.perfect_of(1), 0.9 * unit_normal_loss(1 / 0.9), 1e-3);
}

TEST(Choice, ImperfectInformationIsPerfectInformationOnTheSpreadThatItTakesAway) {
  // 0.5^2 - 0.3^2 = 0.4^2
  const choice half({{100, 0.5, 0.3}, {110, 0, 0}});
  const choice whole({{100, 0.4, 0}, {110, 0, 0}});
  EXPECT_NEAR(half.of_measuring({0}), whole.perfect_of(0), 1e-6);
  EXPECT_LT(half.of_measuring({0}), half.perfect_of(0));
}

TEST(Choice, KnowsTheBestByItsMean) {
  EXPECT_EQ(choice({{3, 0, 0}, {2, 1, 0}, {2, 0, 0}}).best(), 1U);
}

TEST(Choice, ValuesAreOrderedForAnyBeliefs) {
  std::mt19937_64 from(7);
  for (int round = 0; round < 60; ++round) {
    const choice any(some_beliefs(from, 1 + static_cast<std::size_t>(round % 6)));
    const double tolerance = 1e-6 * any.alternatives()[any.best()].mean_usd;
    std::vector<std::size_t> all;
    double before = 0;
    for (std::size_t i = 0; i < any.alternatives().size(); ++i) {
      EXPECT_GE(any.of_measuring({i}), 0);
      EXPECT_LE(any.of_measuring({i}), any.perfect_of(i) + tolerance);
      EXPECT_LE(any.perfect_of(i), any.perfect() + tolerance);
      all.push_back(i);
      // One measurement more never makes a choice worse.
      const double now = any.of_measuring(all);
      EXPECT_GE(now, before - tolerance);
      before = now;
    }
    EXPECT_LE(before, any.perfect() + tolerance);
  }
}

TEST(Choice, NothingIsGainedWhereBeliefsDoNotOverlap) {
  const choice clear({{100, 0.02, 0}, {200, 0.03, 0}, {400, 0.05, 0}});
  EXPECT_NEAR(clear.perfect(), 0, 1e-6);
  for (const std::size_t one : {0U, 1U, 2U}) EXPECT_NEAR(clear.perfect_of(one), 0, 1e-6);
}

TEST(Choice, NothingIsGainedFromWhatIsMeasuredAlreadyOrHasNoRival) {
  const choice measured({{100, 0.1, 0.1}, {101, 0.1, 0.2}});
  EXPECT_EQ(measured.of_measuring({0, 1}), 0);
  EXPECT_GT(measured.perfect(), 0);
  const choice alone({{100, 0.5, 0}});
  EXPECT_EQ(alone.perfect(), 0);
  EXPECT_EQ(alone.perfect_of(0), 0);
  EXPECT_EQ(alone.of_measuring({0}), 0);
}

TEST(Choice, RefusesWhatIsNoBelief) {
  EXPECT_THROW(choice({}), error);
  EXPECT_THROW(choice({{0, 0.1, 0}}), error);
  EXPECT_THROW(choice({{1, -0.1, 0}}), error);
}

}  // namespace
}  // namespace gpubench::fleet
