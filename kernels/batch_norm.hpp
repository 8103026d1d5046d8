#pragma once

#include "kernels/host_device.hpp"

#include <cmath>
#include <cstdint>

namespace gpubench::kernels {

/// Two sums over pixels, one pair a channel and part.
struct channel_sums {
  float first = 0, second = 0;
};

/// y = factor * x + offset.
struct channel_line {
  float factor = 0, offset = 0;
};

/// Of one channel over a batch.
struct batch_statistics {
  float mean = 0, inverse_deviation = 0;
};

/// From the sums of (x - pivot) and (x - pivot)^2 over `count` values: the pivot, one of the values, keeps the
/// difference of squares from cancelling.
GPUBENCH_HOST_DEVICE inline batch_statistics statistics_of(double sum, double squares, double count, float pivot,
                                                           float epsilon) {
  const double shifted = sum / count;
  double variance = squares / count - shifted * shifted;
  if (variance < 0) variance = 0;
  return {static_cast<float>(shifted + static_cast<double>(pivot)),
          static_cast<float>(1 / sqrt(variance + static_cast<double>(epsilon)))};
}

/// Normalisation with scale and shift as one line. Source: Ioffe and Szegedy, "Batch normalization" (arXiv 1502.03167),
/// algorithm 1.
GPUBENCH_HOST_DEVICE inline channel_line normalizing_line(const batch_statistics& of, float scale, float shift) {
  const float factor = scale * of.inverse_deviation;
  return {factor, shift - of.mean * factor};
}

/// dx = gradient * g + input * x + offset.
struct backward_line {
  float gradient = 0, input = 0, offset = 0;
};
/// Gradients of scale and shift are the sums over pixels of g * (x - mean) * inverse_deviation and of g; dx follows
/// from them (the paper's section 3, with its terms collected).
/// @param weighted  sum of g * (x - mean)
GPUBENCH_HOST_DEVICE inline backward_line backward_line_of(const batch_statistics& of, float scale, double sum,
                                                           double weighted, double count) {
  const double factor = static_cast<double>(scale) * static_cast<double>(of.inverse_deviation);
  const double inverse = static_cast<double>(of.inverse_deviation);
  const double input = -factor * inverse * inverse * weighted / count;
  return {static_cast<float>(factor), static_cast<float>(input),
          static_cast<float>(-factor * sum / count - input * static_cast<double>(of.mean))};
}

}  // namespace gpubench::kernels
