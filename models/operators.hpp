#pragma once

#include "models/precision.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gpubench::models {

/// Work of one execution. A multiply-add is two FLOP. Bytes are the least that must move to and from device memory:
/// every input read once, every output written once.
struct work {
  double flop = 0;
  double bytes = 0;
};

/// batch times C = A*B; A is m x k, B is k x n, C is m x n.
struct gemm {
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t batch = 1;
  std::optional<precision> output = std::nullopt;   ///< storage of C; without it as work_of() says
  std::optional<precision> weights = std::nullopt;  ///< storage of B, widened on the way in; without it as A

  friend bool operator==(const gemm&, const gemm&) = default;
};

/// Which of a layer's three computations: the output, the gradient of its input, the gradient of its weights.
enum class pass { forward, backward_data, backward_weights };

/// 2D convolution without groups on n images of c_in x height x width, square kernel, stride and padding.
struct convolution {
  std::int64_t n = 0, c_in = 0, height = 0, width = 0, c_out = 0;
  std::int64_t kernel = 1, stride = 1, padding = 0;
  models::pass pass = models::pass::forward;
  std::optional<precision> output = std::nullopt;  ///< storage of the output; without it as work_of() says

  std::int64_t out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  std::int64_t out_width() const { return (width + 2 * padding - kernel) / stride + 1; }

  friend bool operator==(const convolution&, const convolution&) = default;
};

/// Scaled dot-product attention, fused: scores are not written to memory. kv_heads < heads is grouped-query attention.
/// With `causal` only the lower triangle counts as work. The backward pass does 2.5 times the forward FLOP
/// (FlashAttention, arXiv 2205.14135: scores recomputed, four gradient products) and is marked `backward`.
struct attention {
  std::int64_t batch = 1, q_len = 0, kv_len = 0, heads = 0, kv_heads = 0, head_dim = 0;
  bool causal = true;
  bool backward = false;
  std::int64_t window = 0;          ///< keys that a query sees at most, its own included; 0: all
  std::int64_t value_head_dim = 0;  ///< width of values and output; 0: head_dim
  /// The values are the first columns of the keys and are not read again: latent attention with its projections
  /// absorbed (DeepSeek-V2, arXiv 2405.04434, section 2.1.2), where kv_heads is 1.
  bool values_in_keys = false;

  std::int64_t value_width() const { return value_head_dim > 0 ? value_head_dim : head_dim; }

  friend bool operator==(const attention&, const attention&) = default;
};

/// Anything bound by memory traffic: normalisation, activation, softmax, residual, embedding, optimiser step, pooling.
struct streaming {
  double bytes = 0;
  double flop = 0;

  friend bool operator==(const streaming&, const streaming&) = default;
};

/// Softmax or a normalisation along each of `rows` rows of `cols` values. Forward: one read and one write of every
/// value (parameters, `cols` values each, besides). Backward: the gradient and what the forward pass kept are read, the
/// gradient of the input is written.
struct row_operation {
  enum class kind { softmax, layer_norm, rms_norm };
  kind what = kind::softmax;
  std::int64_t rows = 0, cols = 0;
  bool backward = false;

  friend bool operator==(const row_operation&, const row_operation&) = default;
};

using operator_shape = std::variant<gemm, convolution, attention, streaming, row_operation>;

/// One operator of a network, executed `count` times a step.
struct network_operator {
  std::string name;  ///< group as a user reads it: "convolution", "qkv projection", "optimizer"
  operator_shape shape;
  models::precision precision = precision::fp32;
  double count = 1;
};

/// @param p  type of the inputs. A GEMM or convolution that does not state its output's type writes the same type, or
///           for int8 the 4-byte sums: that is a product by itself. Inside a network, which states it, the sums are
///           rounded to the network's type before they leave the processor.
work work_of(const operator_shape& shape, precision p);

/// Of all operators, each as often as it is executed.
work total_work(const std::vector<network_operator>& network);

/// "gemm", "convolution", "attention", or "streaming" for all that is bound by memory traffic, row operations too.
std::string_view kind_of(const operator_shape& shape);

std::string_view to_string(pass p);

/// Sizes as a reader sees them: "m 4096, n 1024, k 4096".
std::string describe(const operator_shape& shape);

}  // namespace gpubench::models
