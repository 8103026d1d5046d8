#pragma once

#include "bench/cuda/module/cudnn.hpp"
#include "bench/cuda/module/cudnn_graph.hpp"

#include <cstdint>
#include <memory>

namespace gpubench::cuda::dnn {

/// Softmax of each row of a row-major matrix. By cuDNN's older interface: its graphs know softmax only inside
/// attention.
class softmax {
 public:
  /// @param rows, columns  below 2^31
  /// @throws failure: unsupported, device error
  softmax(const handle& on, element type, std::int64_t rows, std::int64_t columns);
  ~softmax();

  /// Enqueues y = softmax(x), with each row's maximum subtracted first.
  void enqueue(const void* x, void* y) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace gpubench::cuda::dnn
