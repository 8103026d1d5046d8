#pragma once

#include "kernels/blake2b.hpp"
#include "kernels/sha256.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// Hash rates as miners have them: an 80-byte block header, of Bitcoin's layout, hashed again and again with another
/// nonce in its last four bytes.
///   sha256d  SHA-256 of SHA-256, Bitcoin's. The first 64 bytes do not change and are taken in once, so that a hash is
///   two
///            compressions.
///   blake2b  BLAKE2b-512 of the header: one compression.
enum class hash_algorithm { sha256d, blake2b };

inline constexpr int header_bytes = 80;

/// What a header comes to before its nonce: both algorithms', so that one plain value is handed to any device.
struct hash_header {
  std::uint32_t sha256_midstate[8];  ///< after the first 64 bytes
  std::uint32_t sha256_tail[3];      ///< bytes 64 to 76, big-endian
  std::uint64_t blake2b_words[10];   ///< all 80 bytes, little-endian, the nonce's bits 0
};

inline hash_header hash_header_of(const unsigned char (&bytes)[header_bytes]) {
  hash_header header{};
  std::uint32_t block[16];
  const auto big_endian = [&bytes](int at) {
    return static_cast<std::uint32_t>(bytes[at]) << 24 | static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
           static_cast<std::uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
  };
  for (int i = 0; i < 16; ++i) block[i] = big_endian(4 * i);
  for (int i = 0; i < 8; ++i) header.sha256_midstate[i] = sha256_initial(i);
  sha256_compress(header.sha256_midstate, block);
  for (int i = 0; i < 3; ++i) header.sha256_tail[i] = big_endian(64 + 4 * i);
  for (int i = 0; i < 76; ++i) header.blake2b_words[i / 8] |= static_cast<std::uint64_t>(bytes[i]) << (8 * (i % 8));
  return header;
}

/// The last two words of a header's sha256d as FIPS 180-4 numbers them from 0: what Bitcoin compares first, since its
/// target counts from the end.
/// @param nonce  the number whose four bytes, little-endian, end the header
template <class Word>
GPUBENCH_INLINE void sha256d_of(const hash_header& header, const Word& nonce, Word& seventh, Word& eighth) {
  Word h[8] = {}, m[16] = {};
  GPUBENCH_UNROLL
  for (int i = 0; i < 8; ++i) h[i] += header.sha256_midstate[i];
  GPUBENCH_UNROLL
  for (int i = 0; i < 3; ++i) m[i] += header.sha256_tail[i];
  m[3] = (nonce << 24) | ((nonce & 0xff00U) << 8) | ((nonce >> 8) & 0xff00U) | (nonce >> 24);
  m[4] += 0x80000000U;
  m[15] += 8U * header_bytes;
  sha256_compress(h, m);
  Word g[8] = {}, n[16] = {};
  GPUBENCH_UNROLL
  for (int i = 0; i < 8; ++i) {
    n[i] = h[i];
    g[i] += sha256_initial(i);
  }
  n[8] += 0x80000000U;
  n[15] += 256U;
  sha256_compress(g, n);
  seventh = g[6];
  eighth = g[7];
}

/// The first 8 bytes of BLAKE2b-512 of a header, as a little-endian number.
template <class Word>
GPUBENCH_INLINE void blake2b_of(const hash_header& header, const Word& nonce, Word& first) {
  constexpr blake2b_state start = blake2b_start(64);
  Word h[8] = {}, m[16] = {};
  GPUBENCH_UNROLL
  for (int i = 0; i < 8; ++i) h[i] += start.h[i];
  GPUBENCH_UNROLL
  for (int i = 0; i < 10; ++i) m[i] += header.blake2b_words[i];
  m[9] |= nonce << 32;
  blake2b_compress(h, m, header_bytes, true);
  first = h[0];
}

/// What a run of hashes leaves, so that none can be left out: of sha256d the sums modulo 2^32 of the seventh word, low
/// half, and of the eighth, high half; of blake2b the sum modulo 2^64 of the first word.
GPUBENCH_HOST_DEVICE constexpr std::uint64_t sha256d_checksum(std::uint32_t seventh, std::uint32_t eighth) {
  return static_cast<std::uint64_t>(eighth) << 32 | seventh;
}

/// Hashes that share a checksum.
inline constexpr std::uint32_t hashes_per_checksum = 4096;

}  // namespace gpubench::kernels
