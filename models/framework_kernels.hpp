#pragma once

#include "models/network_builder.hpp"
#include "models/network_request.hpp"
#include "models/optimizer_step.hpp"

#include <string>
#include <vector>

namespace gpubench::models {

/// Kernels that PyTorch launches for the building blocks of a transformer, forward and, where the request trains,
/// backward. Each block is stated once and executed `count` times. Bytes of an element-wise kernel are its reads and
/// writes of each element; FLOP are rounded, as all of them are bound by their bytes.
///
/// Types: hidden states are `wide` (fp32 under autocast), inputs and outputs of products `narrow`. Autocast casts the
/// weights of a product once a pass and its input at each use, computes normalisations and softmax in fp32, and casts
/// the gradients back (PyTorch documentation, "Autocast Op Reference").
class framework_kernels {
 public:
  explicit framework_kernels(const network_request& request);

  enum class input { wide, narrow };

  /// y = x W + b, the bias added by the product itself. @param from  type of x; a wide one is cast under autocast
  void linear(const std::string& name, std::int64_t tokens, std::int64_t inputs, std::int64_t outputs, bool bias,
              double count, input from = input::wide);
  /// The branch's output added to the hidden states. Compiled, the next normalisation does it.
  void residual(std::int64_t tokens, double count);
  /// LayerNorm, or RMSNorm for the Llama family: eager that is a chain of element-wise kernels.
  void norm(std::int64_t tokens, std::int64_t width, double count, bool behind_residual);
  void activation(std::int64_t tokens, std::int64_t width, double count);
  /// silu(gate) * up.
  void gated_activation(std::int64_t tokens, std::int64_t width, double count);
  void dropout(double elements, double bytes, double count);
  /// Scores through memory, or one fused kernel, with the copies that the layout asks for.
  /// @param local  the layers see a window or chunk: one kernel skips what is hidden, through memory it is masked
  void attention_block(double count, bool local = false);
  /// Latent attention as it is trained, keys and values of every head projected from the latent (DeepSeek-V2, arXiv
  /// 2405.04434, equations 9 to 19; transformers' DeepseekV3Attention): projections, norms, rotation and scores,
  /// without the output projection. The projections into the latents are the same on every rank of a tensor group.
  void latent_attention(double count);
  /// A mixture of experts in place of the feed-forward block: router and choice, tokens put in the order of their
  /// experts, the experts' products grouped (transformers' grouped_mm experts, Megatron's grouped GEMM), results
  /// weighed and added up in the tokens' order, shared experts beside. Load is even, see grouped_gemm(); every expert's
  /// weights stand on every replica, their inner width split over a tensor group.
  void mixture(double count);
  /// Rotary positions on queries and keys.
  void rotary(double count);
  void embedding();
  void pooler();
  void mask();
  /// Cross entropy over `vocabulary` of each of `rows` rows. @param shifted  each position predicts the next
  void loss(std::int64_t rows, std::int64_t vocabulary, bool shifted);

  /// One kernel over `elements` elements, so many bytes read and written of each.
  void elementwise(const std::string& name, double elements, double read, double written, double count,
                   double flop = 1);
  void copy(const std::string& name, double elements, double bytes, double count) {
    elementwise(name, elements, bytes, bytes, count, 0);
  }
  /// Notes weights that no linear layer accounts for.
  void weights(double parameters, double tensors);
  /// Adds the optimiser's step to the operators, and hands all of them over.
  std::vector<network_operator> finish();

  double parameters() const { return weights_.parameters; }
  double narrow_bytes() const { return narrow_bytes_; }
  double wide_bytes() const { return wide_bytes_; }
  std::int64_t heads() const { return heads_; }
  std::int64_t kv_heads() const { return kv_heads_; }

 private:
  bool eager() const { return request_.execution == execution::eager; }
  bool compiled() const { return !eager(); }
  void rms_norm_chain(double elements, double rows, double count);
  void gelu_tanh_chain(double elements, double count);
  void rotary_chain(const char* name, double elements, double count);
  /// @param key_width, value_width  of a head
  void unfused_scores(double count, std::int64_t key_width, std::int64_t value_width);
  void fused_scores(attention shape, double count, bool local);
  /// One matrix an expert, of those that tokens are sent to.
  void grouped_linear(const std::string& name, std::int64_t inputs, std::int64_t outputs, bool bias, double count);
  void shared_experts(double count);
  void softmax_of(double rows, std::int64_t cols, double count);
  void product(const std::string& name, const gemm& shape, double count);

  network_request request_;
  network_builder net_;
  trained_weights weights_;
  bool trains_, autocast_;
  precision matrix_, wide_;
  double narrow_bytes_, wide_bytes_;
  std::int64_t heads_, kv_heads_;  ///< on this device
};

}  // namespace gpubench::models
