#pragma once

#include "bench/cuda/module/cudnn_graph.hpp"
#include "bench/cuda/module/cudnn_library.hpp"

#include <vector>

namespace gpubench::cuda::dnn {

/// A graph as cuDNN's descriptors: needs the library, no device.
struct lowered_graph {
  std::vector<descriptor> tensors;
  std::vector<descriptor> operations;  ///< those first that others refer to are kept in `parts`
  std::vector<descriptor> parts;       ///< what operations refer to besides tensors: convolution, pooling, ...
};

/// @throws failure: unsupported or internal error, naming the operation that cuDNN refuses.
lowered_graph lower(const graph& described);

}  // namespace gpubench::cuda::dnn
