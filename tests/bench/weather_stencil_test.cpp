#include "bench/apps/transport_step.hpp"
#include "bench/apps/worst.hpp"
#include "kernels/weather_stencil_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
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

/// One step point by point, each neighbour looked up.
template <class T>
std::vector<T> plain_step(const kernels::transport_coefficients<T>& a, std::int64_t n, const std::vector<T>& in) {
  const auto at = [&](std::int64_t x, std::int64_t y, std::int64_t z) {
    return in[static_cast<std::size_t>((kernels::wrapped(z, n) * n + kernels::wrapped(y, n)) * n +
                                       kernels::wrapped(x, n))];
  };
  std::vector<T> out;
  for (std::int64_t z = 0; z < n; ++z) {
    for (std::int64_t y = 0; y < n; ++y) {
      for (std::int64_t x = 0; x < n; ++x) {
        out.push_back(kernels::transported(
            a, at(x, y, z), [&](int d) { return at(x + d, y, z); }, [&](int d) { return at(x, y + d, z); },
            [&](int d) { return at(x, y, z + d); }));
      }
    }
  }
  return out;
}

/// Grids smaller than a vector, with and without whole ones, rows with and without the alignment of streamed stores.
template <class T>
void expect_every_grid_tile_and_number_of_threads_gives_the_same() {
  for (const std::int64_t n : {9, 12, 15, 16, 21, 32, 35, 47, 48}) {
    std::vector<T> in(static_cast<std::size_t>(n * n * n));
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<T>(std::sin(static_cast<double>(i * i % 1009)));
    const auto a = kernels::coefficients_of<T>({});
    const auto expected = plain_step(a, n, in);
    for (const std::int64_t tile_rows : {1, 5, 8, 64}) {
      for (const int threads : {1, 3, 30}) {
        std::vector<T> out(in.size(), T(-9));
        apps::transport_step<T>(a, n, in.data(), out.data(), tile_rows, threads);
        double largest = 0;
        for (std::size_t i = 0; i < in.size(); ++i) {
          largest = std::fmax(largest, std::abs(static_cast<double>(out[i] - expected[i])));
        }
        EXPECT_LT(largest, 20 * static_cast<double>(std::numeric_limits<T>::epsilon()))
            << "n " << n << ", tiles of " << tile_rows << " rows, " << threads << " threads";
      }
    }
  }
}

TEST(transport_step, is_the_same_whatever_the_grid_the_tile_and_the_threads) {
  expect_every_grid_tile_and_number_of_threads_gives_the_same<float>();
  expect_every_grid_tile_and_number_of_threads_gives_the_same<double>();
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
    apps::transport_step<float>(kernels::coefficients_of<float>(numbers), n, in.data(), out.data(), 8, 2);
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
