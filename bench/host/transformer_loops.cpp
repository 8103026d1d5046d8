#include "bench/host/transformer_loops.hpp"

#include "bench/host/operands.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::bench::host {

GPUBENCH_VECTOR_CLONES void rms_norm(const float* x, const float* scale, std::int64_t size, float epsilon, float* y) {
  float squares = 0;
#pragma omp simd reduction(+ : squares)
  for (std::int64_t i = 0; i < size; ++i) squares += x[i] * x[i];
  const float factor = 1 / std::sqrt(squares / static_cast<float>(size) + epsilon);
#pragma omp simd
  for (std::int64_t i = 0; i < size; ++i) y[i] = x[i] * factor * scale[i];
}

GPUBENCH_VECTOR_CLONES void rotate(float* x, const float* cosines, const float* sines, std::int64_t size) {
  const std::int64_t half = size / 2;
#pragma omp simd
  for (std::int64_t i = 0; i < half; ++i) {
    const float a = x[i], b = x[i + half];
    x[i] = a * cosines[i] - b * sines[i];
    x[i + half] = b * cosines[i] + a * sines[i];
  }
}

GPUBENCH_VECTOR_CLONES void gated_silu(const float* gate, const float* up, std::int64_t size, float* y) {
  for (std::int64_t i = 0; i < size; ++i) y[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
}

GPUBENCH_VECTOR_CLONES void softmax(float* scores, std::int64_t visible, std::int64_t size) {
  const float largest = *std::max_element(scores, scores + visible);
  float sum = 0;
  for (std::int64_t i = 0; i < visible; ++i) {
    scores[i] = std::exp(scores[i] - largest);
    sum += scores[i];
  }
  const float factor = 1 / sum;
  for (std::int64_t i = 0; i < visible; ++i) scores[i] *= factor;
  std::fill(scores + visible, scores + size, 0.0F);
}

GPUBENCH_VECTOR_CLONES float dot(const float* x, const float* y, std::int64_t size) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < size; ++i) sum += x[i] * y[i];
  return sum;
}

GPUBENCH_VECTOR_CLONES void add_scaled(float* y, float factor, const float* x, std::int64_t size) {
#pragma omp simd
  for (std::int64_t i = 0; i < size; ++i) y[i] += factor * x[i];
}

}  // namespace gpubench::bench::host
