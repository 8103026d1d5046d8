#pragma once

#include "bench/cuda/module/cudnn_lowering.hpp"
#include "bench/cuda/module/cudnn_plan.hpp"

namespace gpubench::cuda::dnn {

/// What a plan holds on to: cuDNN's descriptors refer to one another, so all live as long as the plan.
struct plan::state {
  std::shared_ptr<const lowered_graph> lowered;
  std::shared_ptr<const descriptor> operations, device;
  std::unique_ptr<descriptor> config, compiled;
  std::size_t workspace_bytes = 0;
  std::string engine;
  std::vector<tensor_description> tensors;
};

}  // namespace gpubench::cuda::dnn
