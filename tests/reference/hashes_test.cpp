#include "reference/hashes.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace gpubench::reference {
namespace {

bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string hexadecimal(const bytes& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

// FIPS 180-4's examples, NIST's "SHA256.pdf", and the empty message of its test vectors.
TEST(hashes, sha256_has_the_published_values) {
  EXPECT_EQ(hexadecimal(sha256(bytes_of("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hexadecimal(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hexadecimal(sha256(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

// RFC 7693, appendix A.
TEST(hashes, blake2b_has_the_published_value) {
  EXPECT_EQ(hexadecimal(blake2b(bytes_of("abc"), 64)),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

// Computed with Python's hashlib, whose BLAKE2 is that of its authors:
// hashlib.blake2b(bytes(range(200)), digest_size=50, person=b"ZcashPoW" + bytes([200, 0, 0, 0, 9, 0, 0, 0])).
TEST(hashes, blake2b_takes_long_messages_short_digests_and_a_personalisation) {
  bytes message;
  for (int i = 0; i < 200; ++i) message.push_back(static_cast<std::uint8_t>(i));
  auto personal = bytes_of("ZcashPoW");
  for (const int byte : {200, 0, 0, 0, 9, 0, 0, 0}) personal.push_back(static_cast<std::uint8_t>(byte));
  EXPECT_EQ(hexadecimal(blake2b(message, 50, personal)),
            "52554346fb2ee477d7841aa0035102fd6e166c0db6828e15b43660a162d979c2"
            "ad1a0622a47835923c5cbec472d988a682ad");
  EXPECT_NE(blake2b(message, 50), blake2b(message, 50, personal));
}

}  // namespace
}  // namespace gpubench::reference
