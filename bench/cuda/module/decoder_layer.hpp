#pragma once

#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/cudnn_attention.hpp"
#include "bench/cuda/module/cudnn_plan.hpp"
#include "bench/cuda/module/decoder_weights.hpp"
#include "bench/cuda/module/timer.hpp"
#include "kernels/transformer.hpp"
#include "models/transformer_layer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// Keys and values of one layer: batch, position, kv_head, feature. Filled at random; a pass overwrites the positions
/// of its new tokens.
struct decoder_cache {
  decoder_cache(const models::transformer_layer_shape& shape, kernels::storage type, std::uint64_t layer,
                cudaStream_t stream);
  device_buffer keys, values;
  std::size_t attention = 0;  ///< which of the layer's calls is bound to this cache
};

enum class decoder_use {
  inference,
  training  ///< of several tokens a sequence: keeps what the gradients need
};

/// What layers of one shape share: products, buffers between steps, attention. Runs RMSNorm, query/key/value
/// projection, rotary embedding, grouped-query causal attention, output projection, RMSNorm, SwiGLU and both residual
/// additions, an addition together with the normalisation after it. Attention is cuDNN's over several tokens and our
/// own over one.
///
/// A layer's input and output are each a sum of two matrices, x + delta, rows x hidden: the addition is left to the
/// next normalisation.
class decoder_layer {
 public:
  /// The most that a plan of attention may take as its workspace, and that a matmul_context takes.
  static constexpr std::size_t attention_workspace_limit_bytes = std::size_t{256} << 20;
  static constexpr std::size_t product_workspace_bytes = std::size_t{32} << 20;

  /// Times the candidates of each product with the weights given.
  /// @throws failure: unsupported when cuBLASLt or cuDNN has nothing for the shape.
  decoder_layer(const models::transformer_layer_shape& shape, kernels::storage type, const device_properties& device,
                timer& clock, const decoder_weights& weights, decoder_cache& cache,
                decoder_use use = decoder_use::inference);

  /// Binds attention to a further cache. To be called once for each but the constructor's.
  void bind(decoder_cache& cache);

  /// Enqueues one layer. x is not written; delta may be null. Afterwards the output is sum() + delta(), and both may be
  /// the next layer's x and delta.
  void enqueue(const decoder_weights& weights, const decoder_cache& cache, const void* x, const void* delta);

  /// Fills the buffers between steps with NaN, so that what is not written is noticed.
  void poison() const;

  /// Of the last pass, each rows x its width.
  void* sum() const noexcept { return sum_.data(); }  ///< of input and attention
  void* delta() const noexcept { return delta_.data(); }
  const void* queries() const noexcept { return queries_.data(); }    ///< of the last pass: rows, heads, features
  const void* attended() const noexcept { return attended_.data(); }  ///< of the last pass: rows, heads, features
  const void* attention_normed() const noexcept { return first_normed().data(); }  ///< kept in training
  const void* ffn_normed() const noexcept { return normed_.data(); }
  const void* gate_up() const noexcept { return gate_up_.data(); }
  const void* activated() const noexcept { return activated_.data(); }
  const void* statistics() const noexcept { return attention_statistics_.data(); }  ///< cuDNN's: batch, heads, tokens
  const float* cosines() const noexcept { return cosines_.as<float>(); }
  const float* sines() const noexcept { return sines_.as<float>(); }
  const models::transformer_layer_shape& shape() const noexcept { return shape_; }
  kernels::storage type() const noexcept { return type_; }

  /// Which algorithms were chosen.
  method_notes notes() const;

  /// Bytes of the buffers between steps, of the products' workspace and of attention's: two while plans are compared.
  static double buffer_bytes(const models::transformer_layer_shape& shape, kernels::storage type);

 private:
  matmul product(std::int64_t out, std::int64_t in);
  void fill_rotation();
  void choose_algorithms(timer& clock, const decoder_weights& weights);
  void choose_attention(decoder_cache& cache);
  void normalize(const void* x, const void* delta, const void* scale, const device_buffer& normed);
  const device_buffer& first_normed() const noexcept { return kept_normed_.bytes() > 0 ? kept_normed_ : normed_; }

  models::transformer_layer_shape shape_;
  kernels::storage type_;
  cudaStream_t stream_;
  std::int64_t parts_ = 1;     ///< of the cache, in decoding
  device_buffer kept_normed_;  ///< attention's, in training
  device_buffer normed_, projected_, queries_, attended_, sum_, gate_up_, activated_, delta_;
  device_buffer cosines_, sines_, parts_workspace_;
  matmul_context context_;
  matmul projection_, output_, gate_up_product_, down_;
  std::unique_ptr<dnn::handle> handle_;
  dnn::attention_forward_graph attention_;
  device_buffer attention_statistics_;
  std::optional<dnn::tuned_call> tuned_attention_;
  std::vector<dnn::call> attention_calls_;  ///< one a cache, where a sequence has several tokens
};

dnn::attention_shape decoder_attention(const models::transformer_layer_shape& shape);

/// Where the heads of projected rows go.
kernels::head_layout decoder_heads(const models::transformer_layer_shape& shape);

/// Why the layer cannot run on a device, or nothing.
std::optional<std::string> decoder_unavailable(const models::transformer_layer_shape& shape, kernels::storage type,
                                               const device_properties& device);

}  // namespace gpubench::cuda
