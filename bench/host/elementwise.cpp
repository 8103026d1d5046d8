#include "bench/host/elementwise.hpp"

#include "bench/host/operands.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::bench::host {
namespace {

GPUBENCH_VECTOR_CLONES void add_part(float* __restrict x, const float* __restrict y, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) x[i] += y[i];
}

GPUBENCH_VECTOR_CLONES void add_relu_part(float* __restrict x, const float* __restrict y, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const float sum = x[i] + y[i];
    x[i] = sum > 0 ? sum : 0;
  }
}

GPUBENCH_VECTOR_CLONES void mask_relu_part(float* __restrict gradient, const float* __restrict output,
                                           std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) gradient[i] = output[i] > 0 ? gradient[i] : 0;
}

GPUBENCH_VECTOR_CLONES void sgd_part(float* __restrict weight, float* __restrict velocity,
                                     const float* __restrict gradient, std::size_t size, float learning_rate,
                                     float momentum, float weight_decay) {
  for (std::size_t i = 0; i < size; ++i) {
    const float v = momentum * velocity[i] + gradient[i] + weight_decay * weight[i];
    velocity[i] = v;
    weight[i] -= learning_rate * v;
  }
}

}  // namespace

void add(float* x, const float* y, std::size_t size) {
  for_parts(size, [=](std::size_t begin, std::size_t end) { add_part(x + begin, y + begin, end - begin); });
}

void add_relu(float* x, const float* y, std::size_t size) {
  for_parts(size, [=](std::size_t begin, std::size_t end) { add_relu_part(x + begin, y + begin, end - begin); });
}

void mask_relu(float* gradient, const float* output, std::size_t size) {
  for_parts(size,
            [=](std::size_t begin, std::size_t end) { mask_relu_part(gradient + begin, output + begin, end - begin); });
}

void sgd_step(float* weight, float* velocity, const float* gradient, std::size_t size, const sgd_rates& rates) {
  for_parts(size, [=](std::size_t begin, std::size_t end) {
    sgd_part(weight + begin, velocity + begin, gradient + begin, end - begin, rates.learning_rate, rates.momentum,
             rates.weight_decay);
  });
}

double cross_entropy(const float* scores, float* gradient, const std::vector<std::int32_t>& classes,
                     std::int64_t class_count) {
  const auto rows = static_cast<double>(classes.size());
  double loss = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const float* s = scores + static_cast<std::int64_t>(i) * class_count;
    float* g = gradient + static_cast<std::int64_t>(i) * class_count;
    const float largest = *std::max_element(s, s + class_count);
    double sum = 0;
    for (std::int64_t k = 0; k < class_count; ++k) sum += std::exp(static_cast<double>(s[k] - largest));
    loss += (std::log(sum) - static_cast<double>(s[classes[i]] - largest)) / rows;
    for (std::int64_t k = 0; k < class_count; ++k) {
      const double share = std::exp(static_cast<double>(s[k] - largest)) / sum;
      g[k] = static_cast<float>((share - (k == classes[i] ? 1 : 0)) / rows);
    }
  }
  return loss;
}

}  // namespace gpubench::bench::host
