#pragma once

#include "kernels/host_device.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace gpubench::kernels {

/// Attention of one new token a sequence over all positions of its cache, itself included. Queries and result: batch,
/// head, feature; keys and values: batch, position, kv_head, feature. heads / kv_heads query heads share a key head.
struct decode_attention_shape {
  std::int64_t batch = 1, kv_len = 1;
  std::int64_t heads = 1, kv_heads = 1, head_dim = 128;
};

/// Threads of a block are cut into readers: as many lanes as a head has packs of 16 bytes. A reader takes `depth`
/// positions at a time, whose keys and values it loads together.
inline constexpr int decode_threads = 128;
inline constexpr int decode_depth = 4;
GPUBENCH_HOST_DEVICE constexpr int decode_readers(int lanes) {
  return decode_threads / lanes;
}

/// Positions [begin, end) of one part of a cache.
struct position_range {
  std::int64_t begin = 0, end = 0;
};
/// Positions a part takes when a cache is cut into at most `parts`.
GPUBENCH_HOST_DEVICE inline std::int64_t positions_per_part(std::int64_t kv_len, std::int64_t parts) {
  return (kv_len + parts - 1) / parts;
}
GPUBENCH_HOST_DEVICE inline position_range positions_of_part(std::int64_t kv_len, std::int64_t per_part,
                                                             std::int64_t part) {
  const std::int64_t begin = part * per_part;
  return {begin, begin + per_part < kv_len ? begin + per_part : kv_len};
}
/// First of the `decode_depth` positions of a reader's turn.
GPUBENCH_HOST_DEVICE inline std::int64_t first_position(const position_range& range, int readers, int reader,
                                                        std::int64_t turn) {
  return range.begin + (turn * readers + reader) * decode_depth;
}
GPUBENCH_HOST_DEVICE inline std::int64_t turns_of(const position_range& range, int readers) {
  const std::int64_t at_once = static_cast<std::int64_t>(readers) * decode_depth;
  return (range.end - range.begin + at_once - 1) / at_once;
}

/// Parts that no part is empty of, enough for four blocks a multiprocessor where each then still has two turns.
inline std::int64_t decode_parts(const decode_attention_shape& shape, int multiprocessors) {
  const std::int64_t pairs = shape.batch * shape.kv_heads;
  const std::int64_t wanted = (4 * static_cast<std::int64_t>(multiprocessors) + pairs - 1) / pairs;
  const int readers = decode_readers(static_cast<int>(shape.head_dim / 8));
  const std::int64_t least_positions = 2 * static_cast<std::int64_t>(readers) * decode_depth;
  const std::int64_t most = std::max<std::int64_t>(1, shape.kv_len / least_positions);
  const std::int64_t per_part = positions_per_part(shape.kv_len, std::clamp<std::int64_t>(wanted, 1, most));
  return (shape.kv_len + per_part - 1) / per_part;
}

/// A softmax seen so far, in powers of two: the largest exponent, and the sum of 2^(exponent - largest).
/// Source: Milakov and Gimelshein, "Online normalizer calculation for softmax" (arXiv 1805.02867).
struct running_softmax {
  float largest = -INFINITY;
  float sum = 0;
};
/// What sums over 2^(exponent - from) are multiplied by to become sums over 2^(exponent - to). Nothing was summed yet
/// where `from` is -infinity.
GPUBENCH_HOST_DEVICE inline float rescale_factor(float from, float to) {
  return from == -INFINITY ? 0.0f : exp2f(from - to);
}
/// 2^(exponent - largest), 0 for a position that is left out (-infinity).
GPUBENCH_HOST_DEVICE inline float softmax_weight(float exponent, float largest) {
  return exponent == -INFINITY ? 0.0f : exp2f(exponent - largest);
}

/// 1 / sqrt(head_dim) for natural exponentials, in powers of two.
inline float decode_scale(std::int64_t head_dim) {
  return static_cast<float>(1.4426950408889634 / std::sqrt(static_cast<double>(head_dim)));
}

/// Places in memory.
GPUBENCH_HOST_DEVICE inline std::int64_t place_of_query(const decode_attention_shape& shape, std::int64_t sequence,
                                                        std::int64_t head) {
  return (sequence * shape.heads + head) * shape.head_dim;
}
GPUBENCH_HOST_DEVICE inline std::int64_t place_of_position(const decode_attention_shape& shape, std::int64_t sequence,
                                                           std::int64_t kv_head, std::int64_t position) {
  return ((sequence * shape.kv_len + position) * shape.kv_heads + kv_head) * shape.head_dim;
}
/// Of a part's sums for one head, in units of a head's floats (sums) or of one running_softmax.
GPUBENCH_HOST_DEVICE inline std::int64_t place_of_part(const decode_attention_shape& shape, std::int64_t parts,
                                                       std::int64_t sequence, std::int64_t head, std::int64_t part) {
  return (sequence * shape.heads + head) * parts + part;
}

/// Bytes that the parts leave for the kernel that puts them together.
inline std::int64_t decode_workspace_bytes(const decode_attention_shape& shape, std::int64_t parts) {
  const auto per_part =
      static_cast<std::int64_t>(sizeof(float)) * shape.head_dim + static_cast<std::int64_t>(sizeof(running_softmax));
  return shape.batch * shape.heads * parts * per_part;
}

/// Whether there is a kernel for the shape.
inline bool decode_attention_fits(const decode_attention_shape& shape) {
  const bool dim = shape.head_dim == 64 || shape.head_dim == 128 || shape.head_dim == 256;
  if (!dim || shape.kv_heads < 1 || shape.heads % shape.kv_heads != 0) return false;
  const std::int64_t group = shape.heads / shape.kv_heads;
  return group == 1 || group == 2 || group == 4 || group == 8;
}

}  // namespace gpubench::kernels
