#pragma once

#include "kernels/element.hpp"
#include "kernels/host_device.hpp"

#include <cmath>
#include <cstdint>

namespace gpubench::kernels {

/// Which rows of a matrix a normalisation reads: row r of its result comes from row first + r * step. All rows: {rows};
/// the last token of each of n sequences of t: {n, t - 1, t}.
struct row_choice {
  std::int64_t count = 0, first = 0, step = 1;
};
GPUBENCH_HOST_DEVICE inline std::int64_t chosen_row(const row_choice& rows, std::int64_t r) {
  return rows.first + r * rows.step;
}

/// 1 / sqrt(mean of squares + epsilon). Source: Zhang and Sennrich, "Root mean square layer normalization"
/// (arXiv 1910.07467), equation 4, with the epsilon of Llama.
GPUBENCH_HOST_DEVICE inline float rms_factor(float sum_of_squares, std::int64_t size, float epsilon) {
  return 1.0f / sqrtf(sum_of_squares / static_cast<float>(size) + epsilon);
}

/// Uniform in [centre - spread, centre + spread).
GPUBENCH_HOST_DEVICE inline float spread_value(std::uint64_t operand, std::uint64_t index, float centre, float spread) {
  return centre + spread * static_cast<float>(operand_value(operand, index));
}

/// gate * sigmoid(gate) * up. Source: Shazeer, "GLU variants improve transformer" (arXiv 2002.05202), equation 5.
GPUBENCH_HOST_DEVICE inline float gated_silu(float gate, float up) {
  return gate / (1.0f + expf(-gate)) * up;
}

/// Where the heads of projected rows lie and where they go. A projected row holds the query heads, then the key heads,
/// then the value heads.
struct head_layout {
  std::int64_t rows = 0;    ///< sequences times new tokens
  std::int64_t tokens = 1;  ///< new ones a sequence
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  std::int64_t kv_len = 0;  ///< positions that the cache has a sequence; the new tokens are the last
};

/// What one thread of the rotary embedding moves: `width` elements of a head's first half from `first` on, and those of
/// its second half.
struct head_item {
  std::int64_t row = 0, head = 0, first = 0;
};
GPUBENCH_HOST_DEVICE inline std::int64_t items_of(const head_layout& layout, int width) {
  return layout.rows * (layout.heads + 2 * layout.kv_heads) * (layout.head_dim / 2 / width);
}
GPUBENCH_HOST_DEVICE inline head_item item_at(const head_layout& layout, int width, std::int64_t i) {
  const std::int64_t parts = layout.head_dim / 2 / width;
  const std::int64_t all_heads = layout.heads + 2 * layout.kv_heads;
  return {i / parts / all_heads, i / parts % all_heads, i % parts * width};
}
/// Place of an item's first element in the projected rows.
GPUBENCH_HOST_DEVICE inline std::int64_t place_in_projected(const head_layout& layout, const head_item& item) {
  return (item.row * (layout.heads + 2 * layout.kv_heads) + item.head) * layout.head_dim + item.first;
}
/// Queries: row, head, feature.
GPUBENCH_HOST_DEVICE inline std::int64_t place_in_queries(const head_layout& layout, const head_item& item) {
  return (item.row * layout.heads + item.head) * layout.head_dim + item.first;
}
/// Keys and values: sequence, position, head, feature.
/// @param kv_head  counted from the first key head, or value head
GPUBENCH_HOST_DEVICE inline std::int64_t place_in_cache(const head_layout& layout, const head_item& item,
                                                        std::int64_t kv_head) {
  const std::int64_t sequence = item.row / layout.tokens;
  const std::int64_t position = layout.kv_len - layout.tokens + item.row % layout.tokens;
  return ((sequence * layout.kv_len + position) * layout.kv_heads + kv_head) * layout.head_dim + item.first;
}

/// A pair of features turned by an angle. Source: Su et al., "RoFormer" (arXiv 2104.09864), section 3.2.2, with the
/// pairs of Llama's published weights: feature i and i + head_dim / 2.
struct rotated_pair {
  float first, second;
};
GPUBENCH_HOST_DEVICE inline rotated_pair rotate_pair(float first, float second, float cosine, float sine) {
  return {first * cosine - second * sine, second * cosine + first * sine};
}

}  // namespace gpubench::kernels
