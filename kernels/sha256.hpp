#pragma once

#include "kernels/lanes.hpp"

#include <cstdint>
#include <utility>

namespace gpubench::kernels {

/// SHA-256 (FIPS 180-4).

/// The words of section 5.3.3. A function, since device code may not address a table of the host's.
GPUBENCH_HOST_DEVICE constexpr std::uint32_t sha256_initial(int i) {
  constexpr std::uint32_t words[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  return words[i];
}

/// Section 4.2.2.
inline constexpr std::uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// XOR of x rotated by a, b and c: Sigma of section 4.1.2.
template <int a, int b, int c, class Word>
GPUBENCH_INLINE void sha256_rotations(const Word& x, Word& result) {
  Word second = x, third = x;
  result = x;
  rotate_right<a, 32>(result);
  rotate_right<b, 32>(second);
  rotate_right<c, 32>(third);
  result ^= second ^ third;
}
/// XOR of x rotated by a and b and shifted by c: sigma of section 4.1.2.
template <int a, int b, int c, class Word>
GPUBENCH_INLINE void sha256_shifts(const Word& x, Word& result) {
  Word second = x;
  result = x;
  rotate_right<a, 32>(result);
  rotate_right<b, 32>(second);
  result ^= second ^ (x >> c);
}

/// Round `r`. Instead of moving the eight words by a place, their names move; the message's words are replaced by those
/// that 16 rounds on need.
template <int r, class Word>
GPUBENCH_INLINE void sha256_round(Word (&s)[8], Word (&m)[16]) {
  constexpr std::uint32_t constant = sha256_constants[r];
  Word &a = s[(64 - r) % 8], &b = s[(65 - r) % 8], &c = s[(66 - r) % 8], &d = s[(67 - r) % 8], &e = s[(68 - r) % 8],
       &f = s[(69 - r) % 8], &g = s[(70 - r) % 8], &h = s[(71 - r) % 8];
  Word first, second;
  if constexpr (r >= 16) {
    sha256_shifts<17, 19, 10>(m[(r + 14) % 16], first);
    sha256_shifts<7, 18, 3>(m[(r + 1) % 16], second);
    m[r % 16] = m[r % 16] + first + m[(r + 9) % 16] + second;
  }
  sha256_rotations<6, 11, 25>(e, first);
  sha256_rotations<2, 13, 22>(a, second);
  const Word one = h + first + ((e & f) ^ (~e & g)) + m[r % 16] + constant;
  const Word two = second + ((a & b) ^ (a & c) ^ (b & c));
  d += one;
  h = one + two;
}

template <class Word, int... rounds>
GPUBENCH_INLINE void sha256_rounds(Word (&s)[8], Word (&m)[16], std::integer_sequence<int, rounds...>) {
  (sha256_round<rounds>(s, m), ...);
}

/// Takes one block in.
/// @param m  its 64 bytes as big-endian words; overwritten
template <class Word>
GPUBENCH_INLINE void sha256_compress(Word (&h)[8], Word (&m)[16]) {
  Word s[8] = {};
  GPUBENCH_UNROLL
  for (int i = 0; i < 8; ++i) s[i] = h[i];
  sha256_rounds(s, m, std::make_integer_sequence<int, 64>{});
  GPUBENCH_UNROLL
  for (int i = 0; i < 8; ++i) h[i] += s[i];
}

}  // namespace gpubench::kernels
