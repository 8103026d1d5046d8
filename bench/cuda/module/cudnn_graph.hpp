#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

/// A graph of cuDNN operations as plain data: built without cuDNN and without a device, so that everything about it but
/// the speed can be tested on any machine. cudnn_plan.hpp turns it into something that runs.
/// Arithmetic and sums are fp32 throughout, whatever the tensors' type.
/// Source: cuDNN documentation, "Graph API", and cudnn_graph.h.
namespace gpubench::cuda::dnn {

enum class element { fp32, fp16, bf16, int32, int8, boolean };
constexpr int bytes_of(element type) {
  switch (type) {
    case element::fp32:
    case element::int32:
      return 4;
    case element::int8:
    case element::boolean:
      return 1;
    default:
      return 2;
  }
}

/// Sizes and strides in elements, in cuDNN's order: images and gradients n, c, h, w; filters out, in, h, w; attention
/// batch, head, token, feature; matrices batch, row, column.
struct layout {
  std::vector<std::int64_t> sizes, strides;
  friend bool operator==(const layout&, const layout&) = default;
};
/// The last size lies densest.
layout row_major(std::vector<std::int64_t> sizes);
/// n, c, h, w with a pixel's channels side by side (NHWC), which tensor cores want. Filters too (KRSC).
layout channels_last(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w);
/// Elements from the first to past the last.
std::int64_t elements_of(const layout& shape);

/// A tensor of a graph; its number is its place in tensors() plus 1, and cuDNN's unique id.
struct tensor {
  std::int64_t id = 0;
  friend bool operator==(const tensor&, const tensor&) = default;
};

enum class residence {
  memory,   ///< device memory, whose address binding gives
  between,  ///< handed from one operation to the next, never in memory
  by_value  ///< one fp32 or int32 number, passed from the host
};
struct tensor_description {
  element type = element::fp32;
  layout shape;
  residence where = residence::memory;
  double value = 0;  ///< of a number by value
};

/// Square window of a 2D convolution or pooling.
struct window {
  std::int64_t size = 1, stride = 1, padding = 0;
};

enum class convolution_pass { forward, backward_data, backward_weights };
/// Cross-correlation, as all frameworks mean it. The pass says which of the three is computed: y, x or w.
struct convolution_operation {
  convolution_pass pass = convolution_pass::forward;
  tensor x, w, y;
  dnn::window window;
};

enum class pointwise {
  add,
  subtract,
  multiply,
  divide,
  maximum,
  exponential,
  logarithm,
  reciprocal_root,
  identity,  ///< also converts between types
  relu,
  relu_backward,  ///< in: gradient of the output, input; out: gradient of the input
  gelu,
  swish,
  greater_or_equal,  ///< writes booleans
  row_index,         ///< each element's index along `axis`, as int32
  select             ///< in: values where true, values where false, condition (boolean)
};
/// Inputs in cuDNN's order, 1 to 3 of them; sizes of 1 are repeated along their axis.
struct pointwise_operation {
  dnn::pointwise mode = dnn::pointwise::identity;
  std::vector<tensor> in;
  tensor out;
  std::int64_t axis = -1;  ///< of row_index only
};

enum class reduction { sum, maximum, mean };
/// Reduces along the axes where the output's size is 1 and the input's is not.
struct reduction_operation {
  dnn::reduction mode = dnn::reduction::sum;
  tensor in, out;
};

/// The same elements under other sizes and strides: a transposed matrix without moving it.
struct reshape_operation {
  tensor in, out;
};

/// C = A B over all leading sizes; those of A or B may be 1, or divide C's (grouped-query attention).
struct matmul_operation {
  tensor a, b, c;
};

enum class pooling { maximum, mean_with_padding, mean_without_padding };
struct pooling_operation {
  dnn::pooling mode = dnn::pooling::maximum;
  bool backward = false;  ///< then y holds the output's gradient and x receives the input's
  tensor x, y;
  dnn::window window;
  std::optional<tensor> index;  ///< of maximum: int8, shape of y, where in its window each maximum was
};

enum class norm { layer, rms, batch };
/// y = (x - mean) * inverse_deviation * scale + bias; rms has no mean.
struct norm_operation {
  norm mode = norm::layer;
  bool training = true;  ///< writes mean and inverse_deviation (fp32)
  tensor x, scale, y, epsilon;
  std::optional<tensor> bias, mean, inverse_deviation;
  /// Of batch norm, all or none: old and new running mean and variance, and the weight of the new (by value).
  std::optional<tensor> old_mean, old_variance, new_mean, new_variance, momentum;
};
struct norm_backward_operation {
  norm mode = norm::layer;
  tensor x, dy, scale, dx, dscale;
  std::optional<tensor> mean, dbias;
  tensor inverse_deviation;
};

using operation = std::variant<convolution_operation, pointwise_operation, reduction_operation, reshape_operation,
                               matmul_operation, pooling_operation, norm_operation, norm_backward_operation>;

/// Tensors and the operations on them, in an order in which they could run.
class graph {
 public:
  tensor memory(element type, layout shape);
  tensor between(element type, layout shape);
  /// One fp32 or int32 number, repeated along all of `rank` axes.
  tensor number(element type, double value, int rank);

  void add(operation one) { operations_.push_back(std::move(one)); }

  /// Adds a pointwise operation whose output, shaped as the first input, stays between() operations.
  tensor between_of(pointwise mode, std::vector<tensor> in, element type = element::fp32, std::int64_t axis = -1);

  const std::vector<tensor_description>& tensors() const noexcept { return tensors_; }
  const tensor_description& operator[](tensor one) const { return tensors_.at(static_cast<std::size_t>(one.id - 1)); }
  const std::vector<operation>& operations() const noexcept { return operations_; }
  /// Bytes of a tensor in memory.
  std::size_t bytes(tensor one) const;

 private:
  tensor put(tensor_description described);

  std::vector<tensor_description> tensors_;
  std::vector<operation> operations_;
};

}  // namespace gpubench::cuda::dnn
