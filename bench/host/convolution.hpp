#pragma once

#include "bench/registry.hpp"
#include "models/operators.hpp"

#include <vector>

namespace gpubench::bench::host {

/// Shape from the parameters n, c_in, height, width, c_out, kernel, stride, padding.
models::convolution convolution_of(const results::parameters& values, models::pass pass);
results::parameters parameters_of(const models::convolution& c);

/// ResNet-50's distinct convolutions, those first that a whole network spends most FLOP in. The quick suite takes two
/// of them, the standard suite all; the full suite adds a batch of 32. No network needs
/// the gradient of its images, so backward_data leaves the first layer out.
std::vector<results::parameters> convolution_cases(suite s, models::pass which);

/// One value of a convolution's result, from plain operands (images n-c-h-w, filters out-in-h-w), and the sum of the
/// absolute products that it is made of: the scale of its rounding error.
struct reference_value {
  double value = 0;
  double scale = 0;
};
struct convolution_operands {
  const float* source = nullptr;       ///< images, or nothing where they are what is computed
  const float* weights = nullptr;      ///< filters, likewise
  const float* destination = nullptr;  ///< gradient of the output, for both backward passes
};
/// @param index  place of the value in the plain tensor that the pass computes
reference_value reference_convolution(const models::convolution& c, const convolution_operands& operands,
                                      std::int64_t index);

/// Number of values in the tensor that the pass computes.
std::int64_t result_size(const models::convolution& c);

}  // namespace gpubench::bench::host
