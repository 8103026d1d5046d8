#pragma once

#include "kernels/host_device.hpp"

#include <cmath>

namespace gpubench::kernels {

/// Source: Sutskever et al., ICML 2013, in the form of PyTorch's documentation of torch.optim.SGD.
struct sgd_rates {
  float learning_rate = 0.01f, momentum = 0.9f, weight_decay = 1e-4f;
};
struct sgd_state {
  float weight, velocity;
};
/// velocity = momentum*velocity + gradient + weight_decay*weight; weight -= learning_rate*velocity
GPUBENCH_HOST_DEVICE inline sgd_state sgd_step(const sgd_state& now, float gradient, const sgd_rates& rates) {
  const float velocity = rates.momentum * now.velocity + gradient + rates.weight_decay * now.weight;
  return {now.weight - rates.learning_rate * velocity, velocity};
}

/// Gradient of the mean cross entropy of `rows` rows by one score: (share - wanted) / rows.
GPUBENCH_HOST_DEVICE inline float cross_entropy_gradient(float share, bool wanted, float rows) {
  return (share - (wanted ? 1.0f : 0.0f)) / rows;
}

}  // namespace gpubench::kernels
