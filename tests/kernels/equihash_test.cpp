#include "kernels/equihash.hpp"

#include "kernels/equihash_solution.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "reference/hashes.hpp"
#include "tests/equihash_vectors.hpp"

namespace gpubench::kernels {
namespace {

TEST(equihash, has_the_sizes_of_its_definition) {
  EXPECT_EQ(equihash_200_9::chunk_bits, 20);
  EXPECT_EQ(equihash_200_9::strings, 2097152U);
  EXPECT_EQ(equihash_200_9::strings_per_hash, 2);
  EXPECT_EQ(equihash_200_9::digest_bytes, 50);
  EXPECT_EQ(equihash_96_5::strings, 131072U);
  EXPECT_EQ(equihash_96_5::hashes, 26215U);  // 131,072 / 5 and the rest
  EXPECT_EQ(equihash_144_5::strings, 33554432U);
  // List 8 has the last two chunks: bits 160 to 199, of words 5 and 6.
  EXPECT_EQ(equihash_200_9::first_word(8), 5);
  EXPECT_EQ(equihash_200_9::words_of(8), 2);
}

template <class Shape>
void strings_are_those_of_the_plain_hash(const std::string& header) {
  const auto bytes = testing_support::equihash_input_bytes(header, 7);
  const auto input = equihash_input_of<Shape>(bytes);
  for (const std::uint32_t number : {0U, 1U, 0x00abcdefU}) {
    auto message = bytes;
    for (int shift = 0; shift < 32; shift += 8) message.push_back(static_cast<std::uint8_t>(number >> shift));
    reference::bytes personal{'Z', 'c', 'a', 's', 'h', 'P', 'o', 'W', Shape::n, 0, 0, 0, Shape::k, 0, 0, 0};
    const auto plain = reference::blake2b(message, Shape::digest_bytes, personal);
    std::uint64_t digest[8];
    equihash_digest(input, std::uint64_t{number}, digest);
    for (int part = 0; part < Shape::strings_per_hash; ++part) {
      std::uint32_t string[Shape::words];
      equihash_string<Shape>(digest, part, string);
      for (int byte = 0; byte < 4 * Shape::words; ++byte) {
        const std::uint32_t found = string[byte / 4] >> (24 - 8 * (byte % 4)) & 255U;
        const auto at = static_cast<std::size_t>(part * Shape::n / 8 + byte);
        EXPECT_EQ(found, byte < Shape::n / 8 ? plain[at] : 0U) << header.size() << ", part " << part;
      }
    }
  }
}

TEST(equihash, makes_the_strings_of_the_plain_hash_wherever_the_number_lies) {
  // 44, 83, 101, 128 and 140 bytes before the number: within a word, across two words, at a block's begin, behind one.
  for (const std::size_t size : {12, 51, 69, 96, 108}) {
    strings_are_those_of_the_plain_hash<equihash_96_5>(std::string(size, 'h'));
    strings_are_those_of_the_plain_hash<equihash_144_5>(std::string(size, 'h'));
    strings_are_those_of_the_plain_hash<equihash_200_9>(std::string(size, 'h'));
  }
  EXPECT_THROW(equihash_input_of<equihash_200_9>(testing_support::equihash_input_bytes(std::string(93, 'h'), 0)),
               std::invalid_argument);
}

// A chunk is five hexadecimal digits, of which a bucket has the first three: abcde 12345 67890 1...
TEST(equihash, cuts_bucket_and_rest_out_of_the_chunk_that_is_compared_next) {
  const std::uint32_t whole[] = {0xabcde123, 0x45678901, 0x23456789, 0xabcdef01, 0x23456789, 0xabcdef01, 0x23000000};
  EXPECT_EQ((equihash_bucket<equihash_200_9, 0>(whole)), 0xabcU);
  EXPECT_EQ((equihash_rest<equihash_200_9, 0>(whole)), 0xdeU);
  EXPECT_EQ((equihash_bucket<equihash_200_9, 1>(whole)), 0x123U);  // chunk 1: 12345
  EXPECT_EQ((equihash_rest<equihash_200_9, 1>(whole)), 0x45U);
  EXPECT_EQ((equihash_bucket<equihash_200_9, 2>(whole + 1)), 0x678U);  // chunk 2, from bit 40 on: 67890
  EXPECT_EQ((equihash_rest<equihash_200_9, 2>(whole + 1)), 0x90U);
}

TEST(equihash, joins_by_xor_and_tells_when_nothing_is_left) {
  const std::uint32_t one[] = {0xabcde123, 0x45678901, 7, 0, 0, 0, 1},
                      other[] = {0xabcde023, 0x45678901, 7, 0, 0, 0, 2};
  std::uint32_t joined[7];
  EXPECT_TRUE((equihash_join<equihash_200_9, 0>(one, other, joined)));
  EXPECT_EQ(joined[0], 0x100U);
  EXPECT_EQ(joined[6], 3U);
  EXPECT_FALSE((equihash_join<equihash_200_9, 0>(one, one, joined)));
  EXPECT_TRUE(equihash_solves<equihash_200_9>(one, one));
  EXPECT_FALSE(equihash_solves<equihash_200_9>(one, other));
}

TEST(equihash, orders_a_solution_from_the_leaves_up) {
  EXPECT_EQ(equihash_ordered({7, 3, 2, 9}), (std::vector<std::uint32_t>{2, 9, 3, 7}));
  EXPECT_EQ(equihash_ordered({1, 2, 4, 3}), (std::vector<std::uint32_t>{1, 2, 3, 4}));
  EXPECT_EQ(equihash_ordered({1, 2, 3, 1}), std::nullopt);
}

}  // namespace
}  // namespace gpubench::kernels
