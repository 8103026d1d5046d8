#pragma once

#include "models/network_request.hpp"

#include <vector>

namespace gpubench::models {

/// Weights that an optimiser updates.
struct trained_weights {
  double parameters = 0;
  double tensors = 0;  ///< how many tensors they stand in
};

/// Operators of one step of PyTorch's optimiser, gradients and state of `bytes` bytes a value. By default it runs one
/// operator after the other over all tensors at once (`foreach`): Adam interpolates the first moment, scales and adds
/// to the second, takes its root, divides by the bias correction, adds epsilon, and divides into the weights; AdamW
/// shrinks the weights before. `fused` reads and writes each value once. A launch takes as many tensors as its argument
/// list holds and at most 320 chunks of 65,536 values, so large models need several a pass. Source: PyTorch 2
/// documentation, torch.optim.Adam (`foreach`, `fused`), and aten/src/ATen/native/cuda/ MultiTensorApply.cuh (tensors
/// and blocks a launch).
std::vector<network_operator> optimizer_step(optimizer_kind kind, const trained_weights& weights, double bytes,
                                             bool fused);

/// Dividing the gradients by the loss scale, and looking for infinities on the way (torch.amp.GradScaler).
network_operator unscale_gradients(const trained_weights& weights);

}  // namespace gpubench::models
