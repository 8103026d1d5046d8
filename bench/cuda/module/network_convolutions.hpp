#pragma once

#include "bench/cuda/module/cudnn_plan.hpp"
#include "kernels/operands.hpp"
#include "models/operators.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace gpubench::cuda {

/// A convolution as one cuDNN graph, images and filters with their channels last. What follows the convolution is part
/// of the graph, so that the sums never go to memory.
struct layer_graph {
  dnn::graph operations;
  dnn::tensor x, w, y;
  std::optional<dnn::tensor> bias;   ///< fp32, one a channel
  std::optional<dnn::tensor> added;  ///< as y
};

/// y = x * w, or one of its gradients (then the result is x or w).
layer_graph plain_convolution(const models::convolution& shape, kernels::storage type, dnn::convolution_pass pass);

/// y = x * w + bias, plus `added` where wanted, through a ReLU where wanted.
layer_graph fused_convolution(const models::convolution& shape, kernels::storage type, bool adds, bool relu);

/// The calls of a network's convolutions. Each distinct graph is tuned once, when it is first bound, and its plan
/// serves every layer of the same shape. All share one workspace, since they run one after the other.
class network_convolutions {
 public:
  /// @param type  fp32 is computed as such, all others on tensor cores only
  network_convolutions(cudaStream_t stream, kernels::storage type);

  /// @param key  the same for equal graphs, and different for others
  /// @throws failure: unsupported when cuDNN has no such engine for the graph.
  dnn::call bind(const std::string& key, const layer_graph& graph, const dnn::addresses& where);

  /// Bytes of the workspace, and of two more while plans are compared.
  static constexpr double memory_bytes() { return 3.0 * workspace_limit_bytes; }

  std::size_t distinct() const noexcept { return tuned_.size(); }

 private:
  static constexpr std::size_t workspace_limit_bytes = std::size_t{256} << 20;

  dnn::handle handle_;
  dnn::plan_rules rules_;
  device_buffer workspace_;
  std::map<std::string, dnn::plan> tuned_;
};

/// "8x64x56x56 64x1x1 stride 1 forward ...": names a convolution's graph.
std::string convolution_key(const models::convolution& shape, const std::string& rest);

}  // namespace gpubench::cuda
