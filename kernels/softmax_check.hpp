#pragma once

#include "kernels/norm_check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace gpubench::kernels {

inline constexpr std::uint64_t softmax_x = 1;

/// Softmax of one row of a row-major matrix of operand 1. The exponential and the sum are good to about 2^-16 in fp32
/// arithmetic with the hardware's exponential; exponential and result may each be rounded to the type: cuDNN's were off
/// by up to 1.9 of one rounding on an H200.
inline std::vector<checked_value> reference_softmax(storage type, std::int64_t columns, std::int64_t row) {
  const auto first = static_cast<std::uint64_t>(row * columns);
  std::vector<double> values(static_cast<std::size_t>(columns));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = stored_operand(type, softmax_x, first + i);
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (double& value : values) sum += value = std::exp(value - largest);
  std::vector<checked_value> result;
  result.reserve(values.size());
  for (const double value : values) {
    const double result_value = value / sum;
    const double exponential_rounded = std::ldexp(result_value, -significand_bits(type));
    result.push_back(rounded_to(type, result_value, std::ldexp(result_value, -16) + exponential_rounded));
  }
  return result;
}

}  // namespace gpubench::kernels
