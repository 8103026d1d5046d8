#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

/// Transport of one tracer c by a constant wind w and diffusivity k, as in the dynamical core of a weather model, over
/// a periodic grid without terrain:  dc/dt = -w . grad c + k laplace c.  One explicit Euler step a pass from one array
/// into another, with central differences of 8th order: a star of radius 4, each of its 25 values read once a point.
namespace gpubench::kernels {

inline constexpr int transport_radius = 4;
inline constexpr int transport_order = 2 * transport_radius;
inline constexpr int transport_taps = 6 * transport_radius + 1;

/// Central differences of 8th order on a spacing of 1: c' = sum a_d (c_{+d} - c_{-d}), c'' = b_0 c + sum b_d (c_{+d} +
/// c_{-d}). Source: Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids", Mathematics of
/// Computation 51, 1988, table 1.
inline constexpr double first_derivative[transport_radius] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
inline constexpr double second_derivative[transport_radius] = {8.0 / 5, -1.0 / 5, 8.0 / 315, -1.0 / 560};
inline constexpr double second_derivative_centre = -205.0 / 72;

/// The two numbers without a unit that a step depends on, with spacing h and time step t.
struct transport_numbers {
  double courant[3] = {0.2, -0.15, 0.1};  ///< w t / h, along x, y and z
  double diffusion = 0.05;                ///< k t / h^2
};

/// What a step multiplies the values at distance 1, 2, 3, 4 with, downwards and upwards along one axis.
template <class T>
struct transport_axis {
  T below[transport_radius], above[transport_radius];
};
template <class T>
struct transport_coefficients {
  T centre;
  transport_axis<T> x, y, z;
};

template <class T>
constexpr transport_axis<T> axis_coefficients(double courant, double diffusion) {
  transport_axis<T> axis{};
  for (int d = 0; d < transport_radius; ++d) {
    axis.below[d] = static_cast<T>(courant * first_derivative[d] + diffusion * second_derivative[d]);
    axis.above[d] = static_cast<T>(-courant * first_derivative[d] + diffusion * second_derivative[d]);
  }
  return axis;
}

template <class T>
constexpr transport_coefficients<T> coefficients_of(const transport_numbers& n) {
  return {static_cast<T>(1 + 3 * n.diffusion * second_derivative_centre),
          axis_coefficients<T>(n.courant[0], n.diffusion), axis_coefficients<T>(n.courant[1], n.diffusion),
          axis_coefficients<T>(n.courant[2], n.diffusion)};
}

/// The part of one axis in a point's new value. @param at  gives the value at an offset along the axis
template <class T, class At>
GPUBENCH_HOST_DEVICE inline T transported_along(const transport_axis<T>& axis, const At& at) {
  T sum = axis.below[0] * at(-1);
  sum += axis.above[0] * at(1);
  GPUBENCH_UNROLL
  for (int d = 2; d <= transport_radius; ++d) {
    sum += axis.below[d - 1] * at(-d);
    sum += axis.above[d - 1] * at(d);
  }
  return sum;
}

/// A point's new value. The three axes are summed apart, so that an addition seldom waits for the one before.
template <class T, class X, class Y, class Z>
GPUBENCH_HOST_DEVICE inline T transported(const transport_coefficients<T>& a, T centre, const X& along_x,
                                          const Y& along_y, const Z& along_z) {
  return (a.centre * centre + transported_along(a.x, along_x)) +
         (transported_along(a.y, along_y) + transported_along(a.z, along_z));
}

/// i in [0, n) of a ring of n places, for i at most n beyond either end.
template <class Integer>
GPUBENCH_HOST_DEVICE constexpr Integer wrapped(Integer i, Integer n) {
  return i < 0 ? i + n : i >= n ? i - n : i;
}

/// Work of one step: a multiplication and an addition a tap. Bytes: each value read once and written once, as in
/// predictor/stencil.hpp; what a store first fetches is not counted, as in STREAM.
constexpr double transport_flop(double points) {
  return 2.0 * transport_taps * points;
}
constexpr double transport_bytes(double points, double value_bytes) {
  return 2 * points * value_bytes;
}

}  // namespace gpubench::kernels
