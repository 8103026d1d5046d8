#include "kernels/weather_stencil_check.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::kernels {
namespace {

/// The step in its plainest form, from the shared arithmetic.
template <class T>
void plain_step(const transport_coefficients<T>& a, std::int64_t n, const T* in, T* out) {
  const auto at = [&](std::int64_t x, std::int64_t y, std::int64_t z) {
    return in[(wrapped(z, n) * n + wrapped(y, n)) * n + wrapped(x, n)];
  };
  for (std::int64_t z = 0; z < n; ++z) {
    for (std::int64_t y = 0; y < n; ++y) {
      for (std::int64_t x = 0; x < n; ++x) {
        out[(z * n + y) * n + x] = transported(
            a, at(x, y, z), [&](int d) { return at(x + d, y, z); }, [&](int d) { return at(x, y + d, z); },
            [&](int d) { return at(x, y, z + d); });
      }
    }
  }
}

template <class T>
double order_with(T change) {
  return convergence_order<T>([change](const transport_numbers& numbers, std::int64_t n, const T* in, T* out) {
    auto a = coefficients_of<T>(numbers);
    a.x.above[1] += change;
    a.x.below[1] -= change;
    plain_step(a, n, in, out);
  });
}

TEST(weather_stencil, differences_are_exact_for_polynomials_up_to_their_order) {
  // Taylor's conditions: sum a_d d^m is 1/2 for m = 1 and 0 for odd m to 7; sum b_d d^m is 1 for m = 2 and 0 for even m
  // to 8; and a constant has no derivative.
  for (int m = 1; m <= 8; ++m) {
    double first = 0, second = 0;
    for (int d = 1; d <= transport_radius; ++d) {
      first += first_derivative[d - 1] * std::pow(d, m);
      second += second_derivative[d - 1] * std::pow(d, m);
    }
    if (m % 2 == 1) {
      EXPECT_NEAR(first, m == 1 ? 0.5 : 0, 1e-11) << m;
    } else {
      EXPECT_NEAR(second, m == 2 ? 1 : 0, 1e-11) << m;
    }
  }
  double sum = second_derivative_centre;
  for (const double b : second_derivative) sum += 2 * b;
  EXPECT_NEAR(sum, 0, 1e-14);
}

TEST(weather_stencil, converges_with_its_order) {
  EXPECT_NEAR(order_with<double>(0), 7.84, 0.05);
  EXPECT_GT(order_with<float>(0), 7.25);
}

TEST(weather_stencil, a_shifted_coefficient_has_no_order) {
  EXPECT_LT(order_with<double>(1e-5), 7);
  EXPECT_LT(order_with<float>(1e-4F), 7);
}

TEST(weather_stencil, steps_follow_the_symbol_of_the_scheme) {
  constexpr std::int64_t n = 12;
  const transport_numbers numbers;
  const transport_solution before(numbers, n, 0), after(numbers, n, 3);
  std::vector<double> values(n * n * n), next(n * n * n);
  for (std::int64_t i = 0; i < n * n * n; ++i)
    values[static_cast<std::size_t>(i)] = before(i % n, i / n % n, i / n / n);
  for (int step = 0; step < 3; ++step) {
    plain_step(coefficients_of<double>(numbers), n, values.data(), next.data());
    values.swap(next);
  }
  double moved = 0;
  for (std::int64_t i = 0; i < n * n * n; ++i) {
    EXPECT_NEAR(values[static_cast<std::size_t>(i)], after(i % n, i / n % n, i / n / n), 1e-13);
    moved = std::fmax(moved, std::abs(before(i % n, i / n % n, i / n / n) - after(i % n, i / n % n, i / n / n)));
  }
  EXPECT_GT(moved, 0.1);  // three steps that change nothing would be no test
}

TEST(weather_stencil, no_wave_grows_with_the_numbers_of_the_benchmark) {
  constexpr int angles = 24;
  constexpr double pi = 3.14159265358979323846;
  for (int i = 0; i < angles; ++i) {
    for (int j = 0; j < angles; ++j) {
      for (int k = 0; k < angles; ++k) {
        const double theta[3] = {2 * pi * i / angles, 2 * pi * j / angles, 2 * pi * k / angles};
        EXPECT_LE(std::abs(transport_amplification({}, theta)), 1 + 1e-14);
      }
    }
  }
}

TEST(weather_stencil, counts_a_multiply_add_a_tap_and_each_value_once_in_and_out) {
  EXPECT_EQ(transport_taps, 25);
  EXPECT_EQ(transport_flop(10), 500);
  EXPECT_EQ(transport_bytes(10, 4), 80);
}

}  // namespace
}  // namespace gpubench::kernels
