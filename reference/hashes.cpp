#include "reference/hashes.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>

namespace gpubench::reference {
namespace {

/// The bits of a word behind the point of the roots of the first primes: the constants of both functions. Made instead
/// of written down, so that they share no slip of the pen with the tables in kernels/.
template <class Word>
std::vector<Word> root_fractions(std::size_t primes, unsigned degree) {
  using boost::multiprecision::cpp_int;
  constexpr unsigned bits = sizeof(Word) * 8;
  std::vector<Word> fractions;
  for (unsigned candidate = 2; fractions.size() < primes; ++candidate) {
    bool prime = true;
    for (unsigned divisor = 2; divisor * divisor <= candidate; ++divisor) prime &= candidate % divisor != 0;
    if (!prime) continue;
    const cpp_int scaled = cpp_int(candidate) << (degree * bits);
    cpp_int root = 0;
    for (unsigned bit = bits + 5; bit-- > 0;) {
      const cpp_int tried = root | (cpp_int(1) << bit);
      if (pow(tried, degree) <= scaled) root = tried;
    }
    fractions.push_back(static_cast<Word>(root & ((cpp_int(1) << bits) - 1)));
  }
  return fractions;
}

std::uint64_t little_endian(byte_view message, std::size_t at) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8 && at + i < message.size(); ++i) word |= std::uint64_t{message[at + i]} << (8 * i);
  return word;
}

}  // namespace

bytes sha256(byte_view message) {
  static const auto initial = root_fractions<std::uint32_t>(8, 2), constants = root_fractions<std::uint32_t>(64, 3);
  bytes padded(message.begin(), message.end());
  padded.push_back(0x80);
  while (padded.size() % 64 != 56) padded.push_back(0);
  for (int shift = 56; shift >= 0; shift -= 8) {
    padded.push_back(static_cast<std::uint8_t>((std::uint64_t{message.size()} * 8) >> shift));
  }
  auto hash = initial;
  for (std::size_t block = 0; block < padded.size(); block += 64) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t t = 0; t < 64; ++t) {
      if (t < 16) {
        for (std::size_t i = 0; i < 4; ++i) w[t] = w[t] << 8 | padded[block + 4 * t + i];
      } else {
        w[t] = (std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
               (std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
      }
    }
    auto v = hash;
    for (std::size_t t = 0; t < 64; ++t) {
      const std::uint32_t a = v[0], e = v[4];
      const std::uint32_t first = v[7] + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                  ((e & v[5]) ^ (~e & v[6])) + constants[t] + w[t];
      const std::uint32_t second =
          (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
      v = {first + second, v[0], v[1], v[2], v[3] + first, v[4], v[5], v[6]};
    }
    for (std::size_t i = 0; i < 8; ++i) hash[i] += v[i];
  }
  bytes digest;
  for (const std::uint32_t word : hash) {
    for (int shift = 24; shift >= 0; shift -= 8) digest.push_back(static_cast<std::uint8_t>(word >> shift));
  }
  return digest;
}

bytes blake2b(byte_view message, std::size_t digest_bytes, byte_view personal) {
  static const auto initial = root_fractions<std::uint64_t>(8, 2);
  static constexpr std::uint8_t sigma[10][16] = {
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
      {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
      {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
      {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
      {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};
  // The parameter block: digest length, key length 0, fan-out and depth 1, and the personalisation at byte 48.
  bytes parameter(64);
  parameter[0] = static_cast<std::uint8_t>(digest_bytes);
  parameter[2] = parameter[3] = 1;
  std::copy(personal.begin(), personal.end(), parameter.begin() + 48);
  std::array<std::uint64_t, 8> hash{};
  for (std::size_t i = 0; i < 8; ++i) hash[i] = initial[i] ^ little_endian(parameter, 8 * i);

  const std::size_t blocks = std::max<std::size_t>(1, (message.size() + 127) / 128);
  for (std::size_t block = 0; block < blocks; ++block) {
    std::array<std::uint64_t, 16> m{}, v{};
    for (std::size_t i = 0; i < 16; ++i) m[i] = little_endian(message, 128 * block + 8 * i);
    std::copy(hash.begin(), hash.end(), v.begin());
    std::copy(initial.begin(), initial.end(), v.begin() + 8);
    v[12] ^= std::min<std::uint64_t>(message.size(), 128 * (block + 1));
    if (block + 1 == blocks) v[14] = ~v[14];
    for (std::size_t round = 0; round < 12; ++round) {
      for (std::size_t g = 0; g < 8; ++g) {
        // Four columns, then four diagonals.
        const std::size_t turn = g < 4 ? 0 : 1, column = g % 4;
        auto &a = v[column], &b = v[4 + (column + turn) % 4], &c = v[8 + (column + 2 * turn) % 4],
             &d = v[12 + (column + 3 * turn) % 4];
        a += b + m[sigma[round % 10][2 * g]];
        d = std::rotr(d ^ a, 32);
        c += d;
        b = std::rotr(b ^ c, 24);
        a += b + m[sigma[round % 10][2 * g + 1]];
        d = std::rotr(d ^ a, 16);
        c += d;
        b = std::rotr(b ^ c, 63);
      }
    }
    for (std::size_t i = 0; i < 8; ++i) hash[i] ^= v[i] ^ v[i + 8];
  }
  bytes digest;
  for (std::size_t i = 0; i < digest_bytes; ++i) {
    digest.push_back(static_cast<std::uint8_t>(hash[i / 8] >> (8 * (i % 8))));
  }
  return digest;
}

}  // namespace gpubench::reference
