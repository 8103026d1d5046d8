#pragma once

#include "kernels/blake2b.hpp"

#include <cstdint>
#include <type_traits>

namespace gpubench::kernels {

/// Equihash (Biryukov and Khovratovich, "Equihash: asymmetric proof-of-work based on the generalized birthday problem",
/// NDSS 2016), as the Zcash protocol specification, section 7.6.1, defines it: of 2^(n/(k+1) + 1) strings of n bits,
/// made by BLAKE2b from a header, find 2^k whose XOR is 0, so that each join of two halves, quarters, ... clears
/// another n/(k+1) bits, a chunk.
///
/// Solved by Wagner's algorithm: list 0 has the strings; list r + 1 the XORs of two entries of list r that agree in
/// chunk r; entries of list k - 1 that agree in both chunks that are left are solutions. A list lies in buckets by the
/// upper bits of the chunk that is compared next; which entries of list r - 1 made an entry is one packed number.
template <int string_bits, int rounds_, int bucket_bits_>
struct equihash_shape {
  static constexpr int n = string_bits, k = rounds_;
  static constexpr int chunk_bits = n / (k + 1);
  static constexpr std::uint32_t strings = std::uint32_t{1} << (chunk_bits + 1);
  static constexpr int strings_per_hash = 512 / n;
  static constexpr int digest_bytes = strings_per_hash * n / 8;
  static constexpr std::uint32_t hashes = (strings + strings_per_hash - 1) / strings_per_hash;
  static constexpr int words = (n + 31) / 32;

  static constexpr int bucket_bits = bucket_bits_;
  static constexpr int rest_bits = chunk_bits - bucket_bits;  ///< of a chunk, beside those that chose the bucket
  static constexpr std::uint32_t buckets = std::uint32_t{1} << bucket_bits;
  /// Entries of a bucket are Poisson distributed around their mean: at least 5 standard deviations to spare.
  static constexpr std::uint32_t mean_entries = strings / buckets;
  static constexpr std::uint32_t capacity = mean_entries + mean_entries / (mean_entries > 4096 ? 8 : 4);
  static constexpr int slot_bits = capacity <= 1024 ? 10 : 14;
  static constexpr std::uint64_t slots = std::uint64_t{buckets} * capacity;

  /// Words of 32 bits before the first of list r that is not all 0, and from there on.
  GPUBENCH_HOST_DEVICE static constexpr int first_word(int list) { return list * chunk_bits / 32; }
  GPUBENCH_HOST_DEVICE static constexpr int words_of(int list) { return words - first_word(list); }

  /// Bucket and two slots.
  using origin = std::conditional_t<(bucket_bits + 2 * slot_bits <= 32), std::uint32_t, std::uint64_t>;

  static_assert(n % 8 == 0 && n % (k + 1) == 0);
  static_assert(capacity <= (1U << slot_bits) && rest_bits > 0 && rest_bits <= 12);
};

using equihash_96_5 = equihash_shape<96, 5, 8>;
using equihash_144_5 = equihash_shape<144, 5, 12>;
using equihash_200_9 = equihash_shape<200, 9, 12>;

/// Calls use(shape) with the shape of (n,k).
/// @return whether there is one
template <class Use>
bool with_equihash_shape(std::int64_t n, std::int64_t k, const Use& use) {
  if (n == 96 && k == 5) return use(equihash_96_5{}), true;
  if (n == 144 && k == 5) return use(equihash_144_5{}), true;
  if (n == 200 && k == 9) return use(equihash_200_9{}), true;
  return false;
}
/// Bytes that a run moves: each list is written and read once, on average 2^(n/(k+1) + 1) entries of what is left of a
/// string and of where it came from, which is only written.
template <class Shape>
constexpr double equihash_bytes() {
  double bytes = 0;
  for (int list = 0; list < Shape::k; ++list) {
    const double origin = list == 0 ? sizeof(std::uint32_t) : sizeof(typename Shape::origin);
    bytes += Shape::strings * (2 * sizeof(std::uint32_t) * Shape::words_of(list) + origin);
  }
  return bytes;
}

inline constexpr const char* equihash_shapes_text = "equihash is solved for (n,k) = (96,5), (144,5) and (200,9)";

/// The hash of a header and its nonce, up to the block that ends in the number of the hash.
struct equihash_input {
  std::uint64_t state[8];         ///< before the last block
  std::uint64_t last_block[16];   ///< with the number's four bytes 0
  std::uint64_t message_bytes;    ///< with the number
  int number_word, number_shift;  ///< where the number begins in the last block, in words and bits
};

/// The eight words of digest `number` of an input: strings number * strings_per_hash and so on, one behind the other.
template <class Word>
GPUBENCH_INLINE void equihash_digest(const equihash_input& input, const Word& number, Word (&digest)[8]) {
  Word m[16] = {};
  GPUBENCH_UNROLL
  for (int i = 0; i < 8; ++i) digest[i] = Word{} + input.state[i];
  // Each word asked in turn, instead of one addressed: an address would send them all to memory.
  GPUBENCH_UNROLL
  for (int i = 0; i < 16; ++i) {
    m[i] += input.last_block[i];
    if (i == input.number_word) m[i] |= number << input.number_shift;
    if (i == input.number_word + 1 && input.number_shift > 32) m[i] |= number >> (64 - input.number_shift);
  }
  blake2b_compress(digest, m, input.message_bytes, true);
}

GPUBENCH_INLINE std::uint32_t byte_reversed(std::uint32_t word) {
  return word << 24 | (word & 0xff00U) << 8 | ((word >> 8) & 0xff00U) | word >> 24;
}

/// String `part` of a digest: n bits from byte part * n / 8 on, the first bit the highest of the first word.
template <class Shape>
GPUBENCH_INLINE void equihash_string(const std::uint64_t (&digest)[8], int part,
                                     std::uint32_t (&string)[Shape::words]) {
  GPUBENCH_UNROLL
  for (int w = 0; w < Shape::words; ++w) {
    const int byte = part * Shape::n / 8 + 4 * w, within = 8 * (byte % 8);
    std::uint64_t bits = digest[byte / 8] >> within;
    if (within > 32 && byte / 8 < 7) bits |= digest[byte / 8 + 1] << (64 - within);
    string[w] = byte_reversed(static_cast<std::uint32_t>(bits));
  }
  constexpr int spare = 32 * Shape::words - Shape::n;
  string[Shape::words - 1] &= ~std::uint32_t{0} << spare;
}

/// `count` bits, at most 32, of a string from bit `first` on, whose words from `base_word` on are given.
template <int first, int count, int base_word, int words>
GPUBENCH_INLINE std::uint32_t equihash_bits(const std::uint32_t* string) {
  constexpr int word = first / 32 - base_word, within = first % 32;
  if constexpr (within + count <= 32) {
    return string[word] << within >> (32 - count);
  } else {
    static_assert(word + 1 < words);
    const auto both = static_cast<std::uint64_t>(string[word]) << 32 | string[word + 1];
    return static_cast<std::uint32_t>(both << within >> (64 - count));
  }
}

/// Bucket of an entry of a list, and what is left of the chunk that is compared next.
template <class Shape, int list>
GPUBENCH_INLINE std::uint32_t equihash_bucket(const std::uint32_t* entry) {
  return equihash_bits<list * Shape::chunk_bits, Shape::bucket_bits, Shape::first_word(list), Shape::words_of(list)>(
      entry);
}
template <class Shape, int list>
GPUBENCH_INLINE std::uint32_t equihash_rest(const std::uint32_t* entry) {
  return equihash_bits<list * Shape::chunk_bits + Shape::bucket_bits, Shape::rest_bits, Shape::first_word(list),
                       Shape::words_of(list)>(entry);
}

/// The entry of list `list` + 1 that two entries of `list` make which agree in bucket and rest.
/// @return whether any bit of it is set: where none is, both were made of the same strings, or nearly
template <class Shape, int list>
GPUBENCH_INLINE bool equihash_join(const std::uint32_t* one, const std::uint32_t* other, std::uint32_t* joined) {
  constexpr int dropped = Shape::first_word(list + 1) - Shape::first_word(list);
  std::uint32_t any = 0;
  GPUBENCH_UNROLL
  for (int w = 0; w < Shape::words_of(list + 1); ++w) {
    joined[w] = one[w + dropped] ^ other[w + dropped];
    any |= joined[w];
  }
  return any != 0;
}

/// Whether two entries of list k - 1 that agree in bucket and rest agree in all bits.
template <class Shape>
GPUBENCH_INLINE bool equihash_solves(const std::uint32_t* one, const std::uint32_t* other) {
  std::uint32_t any = 0;
  GPUBENCH_UNROLL
  for (int w = 0; w < Shape::words_of(Shape::k - 1); ++w) any |= one[w] ^ other[w];
  return any == 0;
}

template <class Shape>
GPUBENCH_INLINE typename Shape::origin equihash_origin(std::uint32_t bucket, std::uint32_t one, std::uint32_t other) {
  using origin = typename Shape::origin;
  return static_cast<origin>(bucket) << (2 * Shape::slot_bits) | static_cast<origin>(one) << Shape::slot_bits | other;
}

/// Where all lists' entries came from.
template <class Shape>
struct equihash_origins {
  const std::uint32_t* strings = nullptr;              ///< of list 0's slots: the number of the string
  const typename Shape::origin* lists[Shape::k] = {};  ///< of lists 1 to k - 1; the first is not used
};

/// Index `leaf` (0 to 2^k - 1) of the solution, or what may be one, that two entries of list k - 1 make.
template <class Shape>
GPUBENCH_INLINE std::uint32_t equihash_leaf(const equihash_origins<Shape>& from, typename Shape::origin pair,
                                            std::uint32_t leaf) {
  constexpr std::uint32_t slot_mask = (1U << Shape::slot_bits) - 1;
  for (int list = Shape::k - 1;; --list) {
    const auto bucket = static_cast<std::uint32_t>(pair >> (2 * Shape::slot_bits));
    const bool is_other = (leaf >> list & 1U) != 0;
    const auto slot = static_cast<std::uint32_t>(is_other ? pair : pair >> Shape::slot_bits) & slot_mask;
    const std::uint64_t at = static_cast<std::uint64_t>(bucket) * Shape::capacity + slot;
    if (list == 0) return from.strings[at];
    pair = from.lists[list][at];
  }
}

}  // namespace gpubench::kernels
