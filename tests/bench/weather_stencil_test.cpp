#include "bench/apps/transport_step.hpp"
#include "bench/apps/worst.hpp"
#include "kernels/weather_stencil_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "host_case.hpp"

namespace gpubench::bench {
namespace {

using testing_support::definition_of;
using testing_support::machine_with;

class weather_stencil : public testing::TestWithParam<const char*> {};

TEST_P(weather_stencil, steps_a_grid_that_no_vector_divides) {
  const auto made_up = machine_with({});
  const auto ready = definition_of(GetParam()).prepare({{"n", std::int64_t{41}}}, made_up.view());
  for (int n = 0; n < 4; ++n) EXPECT_GT(ready->sample().count(), 0);
  const auto checked = ready->verify();
  EXPECT_TRUE(checked.passed()) << checked.compared << ": " << checked.error;
  EXPECT_GT(checked.error, 0);
}

TEST_P(weather_stencil, refuses_a_grid_that_the_star_does_not_fit) {
  const auto made_up = machine_with({});
  const auto reason = definition_of(GetParam()).unavailable({{"n", std::int64_t{8}}}, made_up.view());
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("at least 9"), std::string::npos);
  EXPECT_EQ(definition_of(GetParam()).unavailable({{"n", std::int64_t{9}}}, made_up.view()), std::nullopt);
}

TEST_P(weather_stencil, is_an_application_whose_smaller_grid_fits_a_small_machine) {
  const auto definition = definition_of(GetParam());
  const auto made_up = machine_with({});
  auto where = made_up.view();
  EXPECT_TRUE(cases_of(definition, suite::standard, where).empty());
  ASSERT_EQ(cases_of(definition, suite::apps, where).size(), 1U);
  where.usable_memory_bytes = 0.5e9;
  EXPECT_EQ(results::integer_parameter(cases_of(definition, suite::apps, where).front(), "n"), 256);
}

INSTANTIATE_TEST_SUITE_P(both_precisions, weather_stencil,
                         testing::Values("weather_stencil_fp32", "weather_stencil_fp64"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(transport_step, is_the_same_whatever_the_tile_and_the_threads) {
  constexpr std::int64_t n = 21;
  std::vector<double> in(n * n * n), expected(n * n * n);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = std::sin(static_cast<double>(i * i % 1009));
  const auto a = kernels::coefficients_of<double>({});
  apps::transport_step<double>(a, n, in.data(), expected.data(), {n, n}, 1);
  for (const auto& tile : {apps::transport_tile{n, 8}, {5, 3}, {1, 1}, {64, 64}}) {
    for (const int threads : {1, 3, 30}) {
      std::vector<double> out(in.size(), -1);
      apps::transport_step<double>(a, n, in.data(), out.data(), tile, threads);
      double largest = 0;
      for (std::size_t i = 0; i < in.size(); ++i) largest = std::fmax(largest, std::abs(out[i] - expected[i]));
      EXPECT_LT(largest, 1e-14) << tile.x << " x " << tile.y << ", " << threads;
    }
  }
}

TEST(transport_step, with_a_value_shifted_by_one_place_leaves_the_exact_solution) {
  constexpr std::int64_t n = 16;
  const kernels::transport_numbers numbers;
  const kernels::transport_solution before(numbers, n, 0), after(numbers, n, 1);
  std::vector<float> in(n * n * n), out(n * n * n);
  for (std::int64_t i = 0; i < n * n * n; ++i) {
    in[static_cast<std::size_t>(i)] = static_cast<float>(before(i % n, i / n % n, i / n / n));
  }
  const auto deviation = [&] {
    apps::transport_step<float>(kernels::coefficients_of<float>(numbers), n, in.data(), out.data(), {n, 8}, 2);
    double largest = 0;
    for (std::int64_t i = 0; i < n * n * n; ++i) {
      largest = std::fmax(largest, std::abs(static_cast<double>(out[static_cast<std::size_t>(i)]) -
                                            after(i % n, i / n % n, i / n / n)));
    }
    return largest / kernels::transport_bound(1.2e-7, 1);
  };
  EXPECT_LE(deviation(), 1);
  std::swap(in[100], in[101]);
  EXPECT_GT(deviation(), 1);
}

TEST(worst_error, is_what_is_not_a_number) {
  EXPECT_EQ(apps::worst(1, 2), 2);
  EXPECT_EQ(apps::worst(2, 1), 2);
  EXPECT_TRUE(std::isnan(apps::worst(std::nan(""), 1)));
  EXPECT_TRUE(std::isnan(apps::worst(1, std::nan(""))));
}

}  // namespace
}  // namespace gpubench::bench
