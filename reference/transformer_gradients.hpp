#pragma once

#include <cstdint>
#include <vector>

/// Gradients of the steps of a decoder layer and an optimiser's step, in plain double precision. Attention's are in
/// kernels/attention_check.hpp.
namespace gpubench::reference {

/// Of y = W x with W rows x width: the gradient of x, W' g.
std::vector<double> linear_input_gradient(const float* weights, std::int64_t width,
                                          const std::vector<double>& gradient);

/// Of y = x / rms(x) * scale: the gradient of x.
std::vector<double> rms_norm_input_gradient(const std::vector<double>& x, const float* scale,
                                            const std::vector<double>& gradient);
/// One row's share of the gradient of the scale.
std::vector<double> rms_norm_scale_gradient(const std::vector<double>& x, const std::vector<double>& gradient);

/// Of y = silu(gate) * up: the gradients of the gates, followed by those of the ups.
/// @param gate_up  gates, followed by as many ups
std::vector<double> gated_silu_gradient(const std::vector<double>& gate_up, const std::vector<double>& gradient);

/// Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (arXiv 1711.05101), algorithm 2.
struct adamw_rates {
  double learning_rate = 0, beta1 = 0, beta2 = 0, epsilon = 0, weight_decay = 0;
};
struct adamw_state {
  double weight = 0, first = 0, second = 0;
};
/// @param step  1 for the first one
adamw_state adamw_step(const adamw_state& before, double gradient, const adamw_rates& rates, std::int64_t step);

}  // namespace gpubench::reference
