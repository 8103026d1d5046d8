#include "reference/equihash.hpp"

#include <algorithm>
#include <set>

namespace gpubench::reference {
namespace {

/// String `index` as bits, one a byte.
std::vector<std::uint8_t> string_of(unsigned n, unsigned k, byte_view input, std::uint32_t index) {
  const unsigned per_hash = 512 / n;
  bytes message(input.begin(), input.end()), personal{'Z', 'c', 'a', 's', 'h', 'P', 'o', 'W'};
  for (const std::uint32_t number : {index / per_hash}) {
    for (int shift = 0; shift < 32; shift += 8) message.push_back(static_cast<std::uint8_t>(number >> shift));
  }
  for (const unsigned number : {n, k}) {
    for (int shift = 0; shift < 32; shift += 8) personal.push_back(static_cast<std::uint8_t>(number >> shift));
  }
  const bytes digest = blake2b(message, per_hash * n / 8, personal);
  std::vector<std::uint8_t> bits;
  for (unsigned bit = index % per_hash * n; bits.size() < n; ++bit)
    bits.push_back(digest[bit / 8] >> (7 - bit % 8) & 1);
  return bits;
}

}  // namespace

std::optional<std::string> equihash_defect(unsigned n, unsigned k, byte_view input,
                                           std::span<const std::uint32_t> indices) {
  const unsigned chunk_bits = n / (k + 1);
  if (indices.size() != std::size_t{1} << k) return "it has not 2^k indices";
  if (std::set<std::uint32_t>(indices.begin(), indices.end()).size() != indices.size()) return "an index comes twice";
  std::vector<std::vector<std::uint8_t>> sums;
  for (const std::uint32_t index : indices) {
    if (index >> (chunk_bits + 1) != 0) return "an index is too large";
    sums.push_back(string_of(n, k, input, index));
  }
  for (unsigned round = 1; round <= k; ++round) {
    const std::size_t half = std::size_t{1} << (round - 1);
    std::vector<std::vector<std::uint8_t>> joined;
    for (std::size_t i = 0; i < sums.size(); i += 2) {
      if (indices[i * half] >= indices[(i + 1) * half]) return "its halves are not in order";
      auto sum = sums[i];
      for (unsigned bit = 0; bit < n; ++bit) sum[bit] ^= sums[i + 1][bit];
      const auto cleared = sum.begin() + (round == k ? n : round * chunk_bits);
      if (std::find(sum.begin(), cleared, 1) != cleared) return "its strings do not collide";
      joined.push_back(std::move(sum));
    }
    sums = std::move(joined);
  }
  return std::nullopt;
}

std::optional<std::vector<std::uint32_t>> equihash_indices(unsigned n, unsigned k, byte_view packed) {
  const unsigned index_bits = n / (k + 1) + 1;
  if (packed.size() * 8 != std::size_t{index_bits} << k) return std::nullopt;
  std::vector<std::uint32_t> indices(std::size_t{1} << k);
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    auto& index = indices[bit / index_bits];
    index = index << 1 | (packed[bit / 8] >> (7 - bit % 8) & 1U);
  }
  return indices;
}

}  // namespace gpubench::reference
