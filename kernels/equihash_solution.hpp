#pragma once

#include "kernels/equihash.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

/// What comes before and after the solving of Equihash, on the host.
namespace gpubench::kernels {

/// @param bytes  header and nonce
/// @throws std::invalid_argument when the number of a hash, which follows, would lie across two blocks of 128 bytes
template <class Shape>
equihash_input equihash_input_of(const std::vector<std::uint8_t>& bytes) {
  const std::size_t tail = bytes.size() % 128;
  if (tail > 124) throw std::invalid_argument("a header that ends 1 to 3 bytes before a block of 128 bytes does");
  constexpr std::uint64_t zcash_pow = 0x576f50687361635a;  // "ZcashPoW", little-endian
  constexpr auto start =
      blake2b_start(Shape::digest_bytes, zcash_pow,
                    static_cast<std::uint64_t>(Shape::k) << 32 | static_cast<std::uint64_t>(Shape::n));
  equihash_input input{};
  std::copy(std::begin(start.h), std::end(start.h), input.state);
  for (std::size_t begin = 0;; begin += 128) {
    std::uint64_t block[16] = {};
    for (std::size_t i = begin; i < std::min(begin + 128, bytes.size()); ++i) {
      block[(i - begin) / 8] |= std::uint64_t{bytes[i]} << (8 * (i % 8));
    }
    if (begin + 128 > bytes.size()) {
      std::copy(std::begin(block), std::end(block), input.last_block);
      break;
    }
    blake2b_compress(input.state, block, begin + 128, false);
  }
  input.message_bytes = bytes.size() + 4;
  input.number_word = static_cast<int>(tail / 8);
  input.number_shift = static_cast<int>(tail % 8) * 8;
  return input;
}

/// A solution's indices in the order that its definition asks for; nothing where an index comes twice.
inline std::optional<std::vector<std::uint32_t>> equihash_ordered(std::vector<std::uint32_t> indices) {
  auto sorted = indices;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return std::nullopt;
  for (std::size_t half = 1; half < indices.size(); half *= 2) {
    for (std::size_t begin = 0; begin < indices.size(); begin += 2 * half) {
      const auto first = indices.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto second = first + static_cast<std::ptrdiff_t>(half);
      if (*first > *second) std::swap_ranges(first, second, second);
    }
  }
  return indices;
}

}  // namespace gpubench::kernels
