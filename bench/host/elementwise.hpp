#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// Loops of a network around its convolutions; those over whole tensors run on all threads. Arrays of the same length,
/// whatever their layout.
namespace gpubench::bench::host {

/// x = x + y
void add(float* x, const float* y, std::size_t size);

/// x = max(0, x + y)
void add_relu(float* x, const float* y, std::size_t size);

/// gradient = 0 where the output of a ReLU is 0
void mask_relu(float* gradient, const float* output, std::size_t size);

/// Source: Sutskever et al., ICML 2013, in the form of PyTorch's documentation of torch.optim.SGD.
struct sgd_rates {
  float learning_rate = 0.01F, momentum = 0.9F, weight_decay = 1e-4F;
};
/// velocity = momentum*velocity + gradient + weight_decay*weight; weight -= learning_rate*velocity
void sgd_step(float* weight, float* velocity, const float* gradient, std::size_t size, const sgd_rates& rates);

/// Mean cross entropy of rows of scores, one row a class index, and its gradient.
double cross_entropy(const float* scores, float* gradient, const std::vector<std::int32_t>& classes,
                     std::int64_t class_count);

}  // namespace gpubench::bench::host
