#pragma once

#include "bench/cuda/module/cudnn_graph.hpp"
#include "kernels/convolution_check.hpp"
#include "kernels/norm_check.hpp"
#include "kernels/operands.hpp"
#include "kernels/pooling_check.hpp"

#include <cstdint>
#include <optional>

/// The graphs that the benchmarks of single layers run.
namespace gpubench::cuda::dnn {

/// fp32 and tf32 are stored alike.
element element_of(kernels::storage type);

struct convolution_graph {
  graph operations;
  tensor x, w, y;
  tensor result;  ///< the one of the three that is computed
};
convolution_graph convolution_of(const kernels::convolution_shape& shape);

/// Sizes of a normalised tensor: images, or n tokens of c features.
struct norm_sizes {
  std::int64_t n = 1, c = 1, height = 1, width = 1;
};
/// Scale, bias and statistics are fp32.
struct norm_graph {
  graph operations;
  tensor x, y, scale, inverse_deviation;
  std::optional<tensor> bias, mean;  ///< absent of RMS norm
};
norm_graph norm_forward_of(norm kind, element type, const norm_sizes& sizes);

struct norm_backward_graph {
  graph operations;
  tensor x, dy, scale, inverse_deviation;  ///< in
  std::optional<tensor> mean;              ///< in
  tensor dx, dscale;
  std::optional<tensor> dbias;
};
norm_backward_graph norm_backward_of(norm kind, element type, const norm_sizes& sizes);

struct pooling_graph {
  graph operations;
  tensor x, y;
  tensor place;  ///< int8: where in its window each maximum was
};
pooling_graph max_pooling_of(const kernels::pooling_shape& shape);

}  // namespace gpubench::cuda::dnn
