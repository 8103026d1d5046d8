#include "kernels/hashing.hpp"

#include "kernels/hashing_check.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gpubench::kernels {
namespace {

constexpr std::uint32_t genesis_nonce = 2083236893;

std::uint64_t little_endian(const reference::bytes& digest, std::size_t at, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{digest[at + i]} << (8 * i);
  return word;
}

// Block 0 is 000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f, written from the last byte to the first:
// its last eight bytes are 68 d6 19 00 00 00 00 00.
TEST(hashing, finds_the_hash_of_bitcoins_first_block) {
  const auto header = hash_header_of(sample_header());
  std::uint32_t seventh = 0, eighth = 0;
  sha256d_of(header, genesis_nonce, seventh, eighth);
  EXPECT_EQ(seventh, 0x68d61900U);
  EXPECT_EQ(eighth, 0U);
}

TEST(hashing, agrees_with_the_plain_algorithms_on_any_nonce) {
  const auto header = hash_header_of(sample_header());
  for (const std::uint32_t nonce : {0U, 1U, 255U, 65536U, 0x12345678U, 0xffffffffU}) {
    std::uint32_t seventh = 0, eighth = 0;
    sha256d_of(header, nonce, seventh, eighth);
    const auto sha = plain_hash(hash_algorithm::sha256d, sample_header(), nonce);
    EXPECT_EQ(__builtin_bswap32(seventh), little_endian(sha, 24, 4));
    EXPECT_EQ(__builtin_bswap32(eighth), little_endian(sha, 28, 4));
    std::uint64_t first = 0;
    blake2b_of(header, std::uint64_t{nonce}, first);
    EXPECT_EQ(first, little_endian(plain_hash(hash_algorithm::blake2b, sample_header(), nonce), 0, 8));
  }
}

// RFC 7693, appendix A: "abc". The message is one block of 3 bytes.
TEST(hashing, compresses_as_blake2bs_example) {
  std::uint64_t h[8], m[16] = {0x636261};
  constexpr auto start = blake2b_start(64);
  for (int i = 0; i < 8; ++i) h[i] = start.h[i];
  blake2b_compress(h, m, 3, true);
  EXPECT_EQ(h[0], 0x0d4d1c983fa580baU);
  EXPECT_EQ(h[7], 0x239900d4ed8623b9U);
}

TEST(hashing, a_wrong_checksum_is_found) {
  for (const auto algorithm : {hash_algorithm::sha256d, hash_algorithm::blake2b}) {
    std::vector<std::uint64_t> checksums;
    for (std::uint32_t run = 0; run < 9; ++run) {
      checksums.push_back(plain_checksum(algorithm, sample_header(), run * hashes_per_checksum));
    }
    EXPECT_EQ(wrong_checksums(algorithm, checksums), 0U);
    checksums.back() ^= 1;
    checksums.front() += std::uint64_t{1} << 40;
    EXPECT_EQ(wrong_checksums(algorithm, checksums), 2U);
    EXPECT_GT(wrong_checksums(algorithm, {}), 0U);
  }
}

}  // namespace
}  // namespace gpubench::kernels
