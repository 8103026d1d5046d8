#pragma once

#include "models/network_builder.hpp"
#include "models/serving_step.hpp"
#include "models/transformer_shape.hpp"

#include <string>
#include <vector>

namespace gpubench::models {

/// Kernels of an inference engine, block by block; see serving_operators().
class serving_kernels {
 public:
  explicit serving_kernels(const serving_step& step);

  void embedding();
  /// Residual and normalisation in one kernel.
  void norms(double count);
  void attention_block(bool local, double count);
  void latent_attention(double count);
  void linear_attention(double count);
  /// @param prefix  of the operators' names: "", "shared expert "
  void feed_forward(std::int64_t width, const weight_storage& stored, const std::string& prefix, double count);
  void mixture(double count);
  void output_head();

  std::vector<network_operator> take() { return net_.take(); }

 private:
  bool prefills() const { return step_.tokens > 1; }
  void product(const std::string& name, gemm shape, const weight_storage& stored, double count);
  /// Matrices of the attention, split over the tensor-parallel group unless `whole`.
  void linear(const std::string& name, std::int64_t inputs, std::int64_t outputs, double count);
  void stream(const std::string& name, double elements, double accesses, double flop, double count);
  void scores(const std::string& name, const attention& shape, double count);
  void chunked_scores(attention shape, double count);
  void indexer(double count);
  std::int64_t split(std::int64_t size) const;

  serving_step step_;
  const transformer& model_ = step_.model;
  network_builder net_;
  std::int64_t sequences_, tokens_;  ///< of this device's attention
  std::int64_t replica_tokens_;      ///< of all of a stage's devices: what the experts see
  tensor_parallel_share share_;
};

}  // namespace gpubench::models
