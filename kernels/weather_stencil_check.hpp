#pragma once

#include "kernels/weather_stencil.hpp"

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

/// What the transport step must come to, in double precision and by other means than the step itself.
namespace gpubench::kernels {

/// Initial state: a wave of so many periods along each axis around a mean of 1, so that a long run neither dies out nor
/// grows.
inline constexpr int transport_wave[3] = {3, 2, 1};
inline constexpr double transport_mean = 1, transport_amplitude = 0.5;

/// e^{i k x} at each of n places along an axis: the wave is a product of three.
inline std::vector<std::complex<double>> wave_along(int axis, std::int64_t n) {
  std::vector<std::complex<double>> result(static_cast<std::size_t>(n));
  const double turn = 2 * 3.14159265358979323846 * transport_wave[axis] / static_cast<double>(n);
  for (std::int64_t i = 0; i < n; ++i) {
    result[static_cast<std::size_t>(i)] = std::polar(1.0, turn * static_cast<double>(i));
  }
  return result;
}

/// What one step multiplies the wave of phase angles theta (radians a point) with: the symbol of the difference scheme,
/// from the analytic form of the differences (von Neumann's analysis).
inline std::complex<double> transport_amplification(const transport_numbers& n, const double (&theta)[3]) {
  std::complex<double> growth = 1;
  for (int axis = 0; axis < 3; ++axis) {
    double odd = 0, even = second_derivative_centre;
    for (int d = 0; d < transport_radius; ++d) {
      odd += 2 * first_derivative[d] * std::sin((d + 1) * theta[axis]);
      even += 2 * second_derivative[d] * std::cos((d + 1) * theta[axis]);
    }
    growth += std::complex<double>(n.diffusion * even, -n.courant[axis] * odd);
  }
  return growth;
}

/// The whole grid after a number of steps from the initial wave. Exact for the difference scheme on its own.
class transport_solution {
 public:
  transport_solution(const transport_numbers& numbers, std::int64_t n, std::int64_t steps)
      : x_(wave_along(0, n)), y_(wave_along(1, n)), z_(wave_along(2, n)) {
    double theta[3];
    for (int axis = 0; axis < 3; ++axis) {
      theta[axis] = 2 * 3.14159265358979323846 * transport_wave[axis] / static_cast<double>(n);
    }
    factor_ = transport_amplitude * std::pow(transport_amplification(numbers, theta), static_cast<double>(steps));
  }

  double operator()(std::int64_t x, std::int64_t y, std::int64_t z) const { return along_row(y, z).at(x); }

  struct row {
    std::complex<double> factor;
    const std::vector<std::complex<double>>& x;
    double at(std::int64_t i) const {
      const auto& wave = x[static_cast<std::size_t>(i)];
      return transport_mean + factor.real() * wave.real() - factor.imag() * wave.imag();
    }
  };
  row along_row(std::int64_t y, std::int64_t z) const {
    return {factor_ * y_[static_cast<std::size_t>(y)] * z_[static_cast<std::size_t>(z)], x_};
  }

 private:
  std::vector<std::complex<double>> x_, y_, z_;
  std::complex<double> factor_;
};

/// Largest deviation that roundings explain: of the first values, and in each step of a sum of 25 terms and of its
/// coefficients, which all push the mean the same way.
inline double transport_bound(double epsilon, std::int64_t steps) {
  return epsilon * (4 + 3 * static_cast<double>(steps));
}

/// Method of manufactured solutions (Roache, "Code verification by the method of manufactured solutions", Journal of
/// Fluids Engineering 124, 2002): c(x, t) = (1 + t) p(x) on the unit cube, p a product of sines. It is linear in time,
/// so that Euler's step adds no error of its own, and what is left is the order of the differences in space.
struct manufactured_transport {
  std::int64_t n = 16;
  static constexpr double wind[3] = {1, -0.7, 0.5}, diffusivity = 0.2;
  static constexpr int periods = 2;

  double spacing() const { return 1 / static_cast<double>(n); }
  double time_step() const { return 0.05 * spacing() * spacing() / diffusivity; }
  /// Until the same time on every grid.
  std::int64_t steps() const { return 8 * n * n / (16 * 16); }

  transport_numbers numbers() const {
    transport_numbers result;
    for (int axis = 0; axis < 3; ++axis) result.courant[axis] = wind[axis] * time_step() / spacing();
    result.diffusion = diffusivity * time_step() / (spacing() * spacing());
    return result;
  }

  /// p, and what the differential equation says of it: -w . grad p + k laplace p.
  struct value {
    double p, transported;
  };
  value at(std::int64_t x, std::int64_t y, std::int64_t z) const {
    const double q = 2 * 3.14159265358979323846 * periods, h = spacing();
    const double sx = std::sin(q * h * static_cast<double>(x)), cx = std::cos(q * h * static_cast<double>(x));
    const double sy = std::sin(q * h * static_cast<double>(y)), cy = std::cos(q * h * static_cast<double>(y));
    const double sz = std::sin(q * h * static_cast<double>(z) + 0.3),
                 cz = std::cos(q * h * static_cast<double>(z) + 0.3);
    const double p = sx * cy * sz;
    const double gradient[3] = {q * cx * cy * sz, -q * sx * sy * sz, q * sx * cy * cz};
    return {p, -(wind[0] * gradient[0] + wind[1] * gradient[1] + wind[2] * gradient[2]) - diffusivity * 3 * q * q * p};
  }
  /// What is to be added to a point's value in step number `step`.
  double source(const value& v, std::int64_t step) const {
    return time_step() * (v.p - (1 + static_cast<double>(step) * time_step()) * v.transported);
  }
  double exact(const value& v) const { return (1 + static_cast<double>(steps()) * time_step()) * v.p; }
};

/// Root mean square error on a grid.
/// @param step  makes of a grid of n^3 values, x fastest, the next one: step(numbers, n, values, result)
template <class T, class Step>
double manufactured_error(std::int64_t n, const Step& step) {
  const manufactured_transport problem{n};
  std::vector<manufactured_transport::value> given;
  for (std::int64_t z = 0; z < n; ++z) {
    for (std::int64_t y = 0; y < n; ++y) {
      for (std::int64_t x = 0; x < n; ++x) given.push_back(problem.at(x, y, z));
    }
  }
  std::vector<T> values(given.size()), result(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) values[i] = static_cast<T>(given[i].p);
  for (std::int64_t s = 0; s < problem.steps(); ++s) {
    step(problem.numbers(), n, values.data(), result.data());
    for (std::size_t i = 0; i < given.size(); ++i) result[i] += static_cast<T>(problem.source(given[i], s));
    values.swap(result);
  }
  double squares = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const double error = static_cast<double>(values[i]) - problem.exact(given[i]);
    squares += error * error;
  }
  return std::sqrt(squares / static_cast<double>(given.size()));
}

/// Order of convergence from a grid of 16^3 to one of 24^3: 7.8 in exact arithmetic, for the order 8 is reached only as
/// the spacing goes to 0. Not a number when the step does not give numbers.
template <class T, class Step>
double convergence_order(const Step& step) {
  constexpr std::int64_t coarse = 16, fine = 24;
  const double ratio = manufactured_error<T>(coarse, step) / manufactured_error<T>(fine, step);
  return std::log(ratio) / std::log(static_cast<double>(fine) / coarse);
}

}  // namespace gpubench::kernels
