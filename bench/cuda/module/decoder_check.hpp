#pragma once

#include "bench/cuda/module/decoder_layer.hpp"

#include <string>

namespace gpubench::cuda {

/// What one pass of a layer left on the device.
struct decoder_pass {
  const void* input = nullptr;   ///< rows x hidden
  const void* output = nullptr;  ///< rows x hidden
};

/// Largest deviation of a layer from a second implementation in double precision, in units of what rounding explains:
/// right up to 1. Of the last sequence, three tokens: the last sees every other, an early one must not see those after
/// it, and one in the middle. Of each: query, key and value from the layer's input; attention from the stored queries,
/// keys and values; output from the input.
double decoder_error(const decoder_layer& layer, const decoder_weights& weights, const decoder_cache& cache,
                     const decoder_pass& pass);

/// `units` times the unit roundoff of a type: what rounding may change, relative to the root mean square. Values reach
/// four times that, so that storing one result takes up to four units.
double rounding_allowance(kernels::storage type, int units);

}  // namespace gpubench::cuda
