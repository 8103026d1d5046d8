#pragma once

#include "kernels/digest.hpp"
#include "kernels/tensor.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::kernels {

/// Types measured through wgmma, the instruction of four warps together that only Hopper has (machine code for sm_90a).
/// A 64 x k and B k x 256 lie in shared memory, D in registers; a row of A or a column of B is always 32 bytes long.
/// Source of shapes, fragments, descriptors and memory layout: PTX ISA, "Asynchronous warpgroup level matrix
/// multiply-accumulate instructions".
inline constexpr tensor_type wgmma_types[] = {tensor_type::tf32, tensor_type::fp16, tensor_type::bf16,
                                              tensor_type::int8, tensor_type::e4m3, tensor_type::e5m2};
inline constexpr int wgmma_threads = 128;
inline constexpr int wgmma_row_bytes = 32;

GPUBENCH_HOST_DEVICE constexpr tensor_shape wgmma_shape(tensor_type type) {
  return {64, 256, wgmma_row_bytes / tensor_bytes(type)};
}

/// Place in D of a thread's accumulator `index` of 128.
struct wgmma_place {
  int row = 0, column = 0;
};
inline constexpr int wgmma_accumulators = 64 * 256 / wgmma_threads;
GPUBENCH_HOST_DEVICE constexpr wgmma_place wgmma_d_place(int thread, int index) {
  const int lane = thread % 32;
  return {16 * (thread / 32) + lane / 4 + 8 * (index / 2 % 2), lane % 4 * 2 + index % 2 + 8 * (index / 4)};
}

/// Shared memory without swizzling, k innermost: cores of 8 rows (of A; columns of B) x 16 bytes lie contiguous, each
/// row of a core 16 bytes after the one before. The two cores along k follow each other, then come the next 8 rows.
inline constexpr std::uint32_t wgmma_core_bytes = 128;
inline constexpr std::uint32_t wgmma_leading_bytes = wgmma_core_bytes;     ///< from core to core along k
inline constexpr std::uint32_t wgmma_stride_bytes = 2 * wgmma_core_bytes;  ///< from 8 rows to the next 8
GPUBENCH_HOST_DEVICE constexpr std::uint32_t wgmma_offset(int row, int byte) {
  return static_cast<std::uint32_t>(row / 8) * wgmma_stride_bytes +
         static_cast<std::uint32_t>(byte / 16) * wgmma_leading_bytes +
         static_cast<std::uint32_t>(row % 8 * 16 + byte % 16);
}
inline constexpr std::uint32_t wgmma_a_bytes = 64 * wgmma_row_bytes, wgmma_b_bytes = 256 * wgmma_row_bytes;

/// Matrix descriptor: address and both offsets in units of 16 bytes, no swizzling (bits 62 and 63 zero).
GPUBENCH_HOST_DEVICE constexpr std::uint64_t wgmma_descriptor(std::uint32_t shared_address) {
  return static_cast<std::uint64_t>((shared_address & 0x3ffffu) >> 4) |
         static_cast<std::uint64_t>(wgmma_leading_bytes >> 4) << 16 |
         static_cast<std::uint64_t>(wgmma_stride_bytes >> 4) << 32;
}

/// Four bytes of a row of A of set `set`, or of a column of B, from byte 4 * word on.
GPUBENCH_HOST_DEVICE inline std::uint32_t wgmma_a_word(tensor_type type, int set, int row, int word) {
  const int bytes = tensor_bytes(type);
  std::uint32_t bits = 0;
  for (int i = 0; i < 4 / bytes; ++i) {
    const int k = word * 4 / bytes + i;
    bits |= static_cast<std::uint32_t>(factor_bits(type, a_entry(type, set, row, k, wgmma_row_bytes / bytes)))
            << (8 * bytes * i);
  }
  return bits;
}
GPUBENCH_HOST_DEVICE inline std::uint32_t wgmma_b_word(tensor_type type, int column, int word) {
  const int bytes = tensor_bytes(type);
  std::uint32_t bits = 0;
  for (int i = 0; i < 4 / bytes; ++i) {
    const int k = word * 4 / bytes + i;
    bits |= static_cast<std::uint32_t>(factor_bits(type, b_entry(type, k, column))) << (8 * bytes * i);
  }
  return bits;
}

/// Multiply-adds of one block in one round.
constexpr double wgmma_block_fma(tensor_type type) {
  return wgmma_shape(type).fma() * tensor_sets * tensor_passes;
}

/// Digests of a block's threads after `rounds` rounds.
inline std::vector<std::uint64_t> expected_wgmma_digests(tensor_type type, std::uint64_t rounds) {
  std::vector<std::uint64_t> result;
  for (int thread = 0; thread < wgmma_threads; ++thread) {
    std::vector<std::uint64_t> words;
    for (int i = 0; i < wgmma_accumulators; ++i) {
      const wgmma_place place = wgmma_d_place(thread, i);
      words.push_back(
          static_cast<std::uint64_t>(expected_quanta(type, wgmma_shape(type).k, 0, place.row, place.column)));
    }
    std::uint64_t digest = digest_start;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      for (const std::uint64_t word : words) digest = fold(digest, word);
    }
    result.push_back(digest);
  }
  return result;
}

}  // namespace gpubench::kernels
