#pragma once

#include "kernels/hashing.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "reference/hashes.hpp"

/// Checks of hash rates against the plain algorithms in reference/. On the host.
namespace gpubench::kernels {

using header_text = unsigned char[header_bytes];

/// Bitcoin's first block, whose nonce 2083236893 makes a sha256d that ends in ten zero digits (Bitcoin,
/// chainparams.cpp; the nonce's four bytes, the last, are overwritten).
inline const header_text& sample_header() {
  static constexpr header_text header = {
      0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x3b, 0xa3, 0xed, 0xfd, 0x7a, 0x7b, 0x12, 0xb2, 0x7a, 0xc7, 0x2c, 0x3e,
      0x67, 0x76, 0x8f, 0x61, 0x7f, 0xc8, 0x1b, 0xc3, 0x88, 0x8a, 0x51, 0x32, 0x3a, 0x9f, 0xb8, 0xaa,
      0x4b, 0x1e, 0x5e, 0x4a, 0x29, 0xab, 0x5f, 0x49, 0xff, 0xff, 0x00, 0x1d, 0x1d, 0xac, 0x2b, 0x7c};
  return header;
}

/// The digest of a header with a nonce, by the plain algorithm.
inline reference::bytes plain_hash(hash_algorithm algorithm, const header_text& header, std::uint32_t nonce) {
  reference::bytes message(header, header + header_bytes);
  for (std::size_t i = 0; i < 4; ++i) message[76 + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
  if (algorithm == hash_algorithm::blake2b) return reference::blake2b(message, 64);
  return reference::sha256(reference::sha256(message));
}

/// The checksum of the run of nonces that begins with `first`, as hashing.hpp defines it.
inline std::uint64_t plain_checksum(hash_algorithm algorithm, const header_text& header, std::uint32_t first) {
  std::uint32_t seventh = 0, eighth = 0;
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < hashes_per_checksum; ++i) {
    const auto digest = plain_hash(algorithm, header, first + i);
    const auto big_endian = [&digest](std::size_t at) {
      return std::uint32_t{digest[at]} << 24 | std::uint32_t{digest[at + 1]} << 16 |
             std::uint32_t{digest[at + 2]} << 8 | digest[at + 3];
    };
    seventh += big_endian(24);
    eighth += big_endian(28);
    for (std::size_t at = 0; at < 8; ++at) sum += std::uint64_t{digest[at]} << (8 * at);
  }
  return algorithm == hash_algorithm::blake2b ? sum : sha256d_checksum(seventh, eighth);
}

/// How many of 8 checksums, spread evenly from the first to the last, are wrong; 8 where there is none.
/// @param checksums  of runs 0, 1, ... of sample_header()
inline std::size_t wrong_checksums(hash_algorithm algorithm, const std::vector<std::uint64_t>& checksums) {
  constexpr std::size_t looked_at = 8;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < looked_at; ++i) {
    if (checksums.empty()) return looked_at;
    const std::size_t run = i * (checksums.size() - 1) / (looked_at - 1);
    const auto first = static_cast<std::uint32_t>(run * hashes_per_checksum);
    wrong += checksums[run] == plain_checksum(algorithm, sample_header(), first) ? 0 : 1;
  }
  return wrong;
}

}  // namespace gpubench::kernels
