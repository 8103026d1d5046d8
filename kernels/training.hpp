#pragma once

#include "kernels/host_device.hpp"

#include <cmath>
#include <cstdint>

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

/// Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (arXiv 1711.05101), algorithm 2, with the
/// decay multiplied by the learning rate as in PyTorch's documentation of torch.optim.AdamW.
struct adamw_rates {
  float learning_rate = 1e-3f, beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f, weight_decay = 0.01f;
};
/// Steps taken, and what the moments are multiplied by after them, since they start from zero: 1 / (1 - beta^steps).
struct adamw_progress {
  std::int64_t steps = 0;
  float first_correction = 1, second_correction = 1;
};
GPUBENCH_HOST_DEVICE inline adamw_progress next_step(const adamw_progress& now, const adamw_rates& rates) {
  const auto steps = static_cast<double>(now.steps + 1);
  return {now.steps + 1, static_cast<float>(1 / (1 - pow(static_cast<double>(rates.beta1), steps))),
          static_cast<float>(1 / (1 - pow(static_cast<double>(rates.beta2), steps)))};
}
struct adamw_state {
  float weight, first, second;  ///< moments of the gradient: mean, and mean square
};
/// @param progress  this step included
GPUBENCH_HOST_DEVICE inline adamw_state adamw_step(const adamw_state& now, float gradient, const adamw_rates& rates,
                                                   const adamw_progress& progress) {
  const float first = rates.beta1 * now.first + (1.0f - rates.beta1) * gradient;
  const float second = rates.beta2 * now.second + (1.0f - rates.beta2) * gradient * gradient;
  const float root = sqrtf(second * progress.second_correction);
  const float step = first * progress.first_correction / (root + rates.epsilon);
  return {now.weight - rates.learning_rate * (step + rates.weight_decay * now.weight), first, second};
}

/// Gradient of the mean cross entropy of `rows` rows by one score: (share - wanted) / rows.
GPUBENCH_HOST_DEVICE inline float cross_entropy_gradient(float share, bool wanted, float rows) {
  return (share - (wanted ? 1.0f : 0.0f)) / rows;
}

}  // namespace gpubench::kernels
