#pragma once

#include "kernels/operands.hpp"

#include <cmath>
#include <cstdint>

namespace gpubench::kernels {

/// Normalisation of a matrix in memory row by row: of each row (layer and RMS norm: rows are tokens) or of each column
/// (batch norm: rows are pixels, columns are channels). A set is what is normalised together.
/// y = (x - mean) * inverse_deviation * scale + bias; RMS norm has neither mean nor bias.
struct norm_problem {
  storage type = storage::fp32;
  bool by_column = false, centred = true;
  std::int64_t rows = 1, columns = 1;

  std::int64_t sets() const { return by_column ? columns : rows; }
  std::int64_t count() const { return by_column ? rows : columns; }
  std::uint64_t index(std::int64_t set, std::int64_t i) const {
    return static_cast<std::uint64_t>(by_column ? i * columns + set : set * columns + i);
  }
  /// Of the column, which has the scale and the bias.
  std::uint64_t column(std::int64_t set, std::int64_t i) const {
    return static_cast<std::uint64_t>(by_column ? set : i);
  }
};
inline constexpr double norm_epsilon = 1e-5;
inline constexpr std::uint64_t norm_x = 1, norm_dy = 2, norm_scale = 3, norm_bias = 4, norm_mean = 5,
                               norm_inverse_deviation = 6;

/// A value and the largest deviation that rounding explains.
struct checked_value {
  double value = 0, bound = 0;

  double error_of(double found) const { return std::abs(found - value) / bound; }
};

/// fp32 arithmetic on sums of `count` values: some roundings of each term, and those of the sums, which err like a
/// random walk (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 2.8).
inline double norm_arithmetic(std::int64_t count) {
  return (64 + std::sqrt(static_cast<double>(count)) / 4) * std::ldexp(1.0, -24);
}
inline checked_value rounded_to(storage type, double value, double arithmetic) {
  const double least = type == storage::fp16 ? std::ldexp(1.0, -25) : 0;
  return {value, std::ldexp(std::abs(value), -significand_bits(type)) + least + arithmetic};
}

struct norm_statistics {
  double mean = 0, inverse_deviation = 0;
};
inline norm_statistics reference_statistics(const norm_problem& p, std::int64_t set) {
  const auto count = static_cast<double>(p.count());
  double sum = 0, squares = 0;
  for (std::int64_t i = 0; p.centred && i < p.count(); ++i) sum += stored_operand(p.type, norm_x, p.index(set, i));
  const double mean = sum / count;
  for (std::int64_t i = 0; i < p.count(); ++i) {
    const double distance = stored_operand(p.type, norm_x, p.index(set, i)) - mean;
    squares += distance * distance;
  }
  return {mean, 1 / std::sqrt(squares / count + norm_epsilon)};
}

/// Scale and bias are fp32 operands.
inline checked_value reference_normalized(const norm_problem& p, const norm_statistics& of, std::int64_t set,
                                          std::int64_t i) {
  const double x = stored_operand(p.type, norm_x, p.index(set, i));
  const storage parameters = p.by_column ? storage::fp32 : p.type;
  const double scale = stored_operand(parameters, norm_scale, p.column(set, i));
  const double bias = p.centred ? stored_operand(parameters, norm_bias, p.column(set, i)) : 0;
  const double normalized = (x - of.mean) * of.inverse_deviation;
  const double size = (std::abs(normalized) + 1) * std::abs(scale) + std::abs(bias);
  return rounded_to(p.type, normalized * scale + bias, norm_arithmetic(p.count()) * size);
}

/// For the gradients mean and inverse deviation are fp32 operands themselves: a gradient is a function of what it is
/// given.
inline norm_statistics given_statistics(const norm_problem& p, std::int64_t set) {
  const auto at = static_cast<std::uint64_t>(set);
  return {p.centred ? stored_operand(storage::fp32, norm_mean, at) : 0,
          stored_operand(storage::fp32, norm_inverse_deviation, at)};
}

/// Means over a set that the input's gradient needs, and of their absolute terms.
struct norm_gradient_means {
  double plain = 0, weighted = 0;  ///< of g = dy * scale, and of g times the normalised input
  double plain_size = 0, weighted_size = 0;
};
inline norm_gradient_means reference_gradient_means(const norm_problem& p, std::int64_t set) {
  const norm_statistics of = given_statistics(p, set);
  norm_gradient_means means;
  for (std::int64_t i = 0; i < p.count(); ++i) {
    const double g =
        stored_operand(p.type, norm_dy, p.index(set, i)) * stored_operand(storage::fp32, norm_scale, p.column(set, i));
    const double normalized = (stored_operand(p.type, norm_x, p.index(set, i)) - of.mean) * of.inverse_deviation;
    means.plain += g;
    means.weighted += g * normalized;
    means.plain_size += std::abs(g);
    means.weighted_size += std::abs(g * normalized);
  }
  const auto count = static_cast<double>(p.count());
  means.plain = p.centred ? means.plain / count : 0;
  means.weighted /= count;
  means.plain_size = p.centred ? means.plain_size / count : 0;
  means.weighted_size /= count;
  return means;
}

inline checked_value reference_input_gradient(const norm_problem& p, const norm_gradient_means& means, std::int64_t set,
                                              std::int64_t i) {
  const norm_statistics of = given_statistics(p, set);
  const double g =
      stored_operand(p.type, norm_dy, p.index(set, i)) * stored_operand(storage::fp32, norm_scale, p.column(set, i));
  const double normalized = (stored_operand(p.type, norm_x, p.index(set, i)) - of.mean) * of.inverse_deviation;
  const double value = of.inverse_deviation * (g - means.plain - normalized * means.weighted);
  const double size = std::abs(of.inverse_deviation) *
                      (std::abs(g) + means.plain_size + (std::abs(normalized) + 1) * means.weighted_size);
  return rounded_to(p.type, value, norm_arithmetic(p.count()) * size);
}

/// Gradients of one column's scale and bias: sums over all rows, stored as fp32.
struct norm_parameter_gradients {
  checked_value dscale, dbias;
};
inline norm_parameter_gradients reference_parameter_gradients(const norm_problem& p, std::int64_t column) {
  double dscale = 0, dbias = 0, dscale_squares = 0, dbias_squares = 0;
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const std::int64_t set = p.by_column ? column : row;
    const std::int64_t i = p.by_column ? row : column;
    const norm_statistics of = given_statistics(p, set);
    const double dy = stored_operand(p.type, norm_dy, p.index(set, i));
    const double normalized = (stored_operand(p.type, norm_x, p.index(set, i)) - of.mean) * of.inverse_deviation;
    dscale += dy * normalized;
    dbias += dy;
    dscale_squares += dy * normalized * dy * normalized;
    dbias_squares += dy * dy;
  }
  const double sums = (8 * std::sqrt(static_cast<double>(p.rows)) + 64) * std::ldexp(1.0, -24);
  return {rounded_to(storage::fp32, dscale, sums * std::sqrt(dscale_squares)),
          rounded_to(storage::fp32, dbias, sums * std::sqrt(dbias_squares))};
}

}  // namespace gpubench::kernels
