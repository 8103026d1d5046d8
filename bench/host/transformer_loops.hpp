#pragma once

#include <cstdint>

/// Loops of a transformer layer for one row or head, made for several vector widths.
namespace gpubench::bench::host {

/// y = x / rms(x) * scale. Source: Zhang, Sennrich, arXiv 1910.07467, with epsilon inside the root.
void rms_norm(const float* x, const float* scale, std::int64_t size, float epsilon, float* y);

/// Turns the pairs (i, i + size/2) of one head. Source: Su et al., arXiv 2104.09864, in Llama's order of pairs.
void rotate(float* x, const float* cosines, const float* sines, std::int64_t size);

/// y = silu(gate) * up
void gated_silu(const float* gate, const float* up, std::int64_t size, float* y);

/// In place over the first `visible` scores; the rest becomes 0.
void softmax(float* scores, std::int64_t visible, std::int64_t size);

float dot(const float* x, const float* y, std::int64_t size);

/// y += factor * x
void add_scaled(float* y, float factor, const float* x, std::int64_t size);

}  // namespace gpubench::bench::host
