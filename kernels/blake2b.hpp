#pragma once

#include "kernels/lanes.hpp"

#include <cstdint>
#include <utility>

namespace gpubench::kernels {

/// BLAKE2b (RFC 7693), as mining asks for it: one block after another, without a key.

/// The words of section 2.6. A function, since device code may not address a table of the host's.
GPUBENCH_HOST_DEVICE constexpr std::uint64_t blake2b_initial(int i) {
  constexpr std::uint64_t words[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                      0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
  return words[i];
}

/// Section 2.7.
inline constexpr int blake2b_sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

/// The state before the first block, of one digest.
struct blake2b_state {
  std::uint64_t h[8] = {};
};

/// @param digest_bytes  1 to 64
/// @param personal      the 16 bytes of personalisation as two little-endian words
GPUBENCH_HOST_DEVICE constexpr blake2b_state blake2b_start(std::uint64_t digest_bytes, std::uint64_t personal_low = 0,
                                                           std::uint64_t personal_high = 0) {
  blake2b_state state;
  for (int i = 0; i < 8; ++i) state.h[i] = blake2b_initial(i);
  state.h[0] ^= 0x01010000 ^ digest_bytes;
  state.h[6] ^= personal_low;
  state.h[7] ^= personal_high;
  return state;
}

template <class Word>
GPUBENCH_INLINE void blake2b_mix(Word& a, Word& b, Word& c, Word& d, const Word& x, const Word& y) {
  a = a + b + x;
  d ^= a;
  rotate_right<32, 64>(d);
  c += d;
  b ^= c;
  rotate_right<24, 64>(b);
  a = a + b + y;
  d ^= a;
  rotate_right<16, 64>(d);
  c += d;
  b ^= c;
  rotate_right<63, 64>(b);
}

template <int round, class Word>
GPUBENCH_INLINE void blake2b_round(Word (&v)[16], const Word (&m)[16]) {
  // Places that are constants of the compiler: words stay in registers, and a word known to be 0 costs nothing.
  constexpr int row = round % 10;
#define GPUBENCH_SIGMA(i) m[std::integral_constant<int, blake2b_sigma[row][i]>::value]
  blake2b_mix(v[0], v[4], v[8], v[12], GPUBENCH_SIGMA(0), GPUBENCH_SIGMA(1));
  blake2b_mix(v[1], v[5], v[9], v[13], GPUBENCH_SIGMA(2), GPUBENCH_SIGMA(3));
  blake2b_mix(v[2], v[6], v[10], v[14], GPUBENCH_SIGMA(4), GPUBENCH_SIGMA(5));
  blake2b_mix(v[3], v[7], v[11], v[15], GPUBENCH_SIGMA(6), GPUBENCH_SIGMA(7));
  blake2b_mix(v[0], v[5], v[10], v[15], GPUBENCH_SIGMA(8), GPUBENCH_SIGMA(9));
  blake2b_mix(v[1], v[6], v[11], v[12], GPUBENCH_SIGMA(10), GPUBENCH_SIGMA(11));
  blake2b_mix(v[2], v[7], v[8], v[13], GPUBENCH_SIGMA(12), GPUBENCH_SIGMA(13));
  blake2b_mix(v[3], v[4], v[9], v[14], GPUBENCH_SIGMA(14), GPUBENCH_SIGMA(15));
#undef GPUBENCH_SIGMA
}

template <class Word, int... rounds>
GPUBENCH_INLINE void blake2b_rounds(Word (&v)[16], const Word (&m)[16], std::integer_sequence<int, rounds...>) {
  (blake2b_round<rounds>(v, m), ...);
}

/// Takes one block in.
/// @param m            its 128 bytes as little-endian words
/// @param total_bytes  of the message up to the end of this block
template <class Word>
GPUBENCH_INLINE void blake2b_compress(Word (&h)[8], const Word (&m)[16], std::uint64_t total_bytes, bool last) {
  Word v[16] = {};
  GPUBENCH_UNROLL
  for (int i = 0; i < 8; ++i) {
    v[i] = h[i];
    v[8 + i] = Word{} + blake2b_initial(i);
  }
  v[12] ^= Word{} + total_bytes;
  if (last) v[14] = ~v[14];
  blake2b_rounds(v, m, std::make_integer_sequence<int, 12>{});
  GPUBENCH_UNROLL
  for (int i = 0; i < 8; ++i) h[i] ^= v[i] ^ v[8 + i];
}

}  // namespace gpubench::kernels
