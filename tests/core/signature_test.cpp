#include "core/signature.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/temporary_folder.hpp"

namespace gpubench {
namespace {

// RFC 8032, section 7.1, TEST 2: one byte, 0x72. The PEM holds that secret key (RFC 8410 wraps it).
constexpr const char* private_pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* public_key = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";
constexpr const char* signature =
    "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==";

class signatures : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& content) { return folder_.write("key.pem", content); }

 private:
  temporary_folder folder_;
};

TEST_F(signatures, the_published_one_is_made_and_recognised) {
  const auto key = signing_key::load(file(private_pem));
  EXPECT_EQ(key.public_key(), public_key);
  EXPECT_EQ(key.sign("\x72"), signature);
  EXPECT_TRUE(is_signed_by("\x72", signature, public_key));
  EXPECT_EQ(load_public_key(file(private_pem)), public_key);
}

TEST_F(signatures, any_change_is_noticed) {
  EXPECT_FALSE(is_signed_by("\x73", signature, public_key));
  EXPECT_FALSE(is_signed_by("", signature, public_key));
  std::string other = signature;
  other[5] = other[5] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(is_signed_by("\x72", other, public_key));
  std::string other_key = public_key;
  other_key[5] = other_key[5] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(is_signed_by("\x72", signature, other_key));
}

TEST_F(signatures, text_that_is_no_key_or_signature_is_told) {
  EXPECT_TRUE(is_public_key(public_key));
  EXPECT_TRUE(is_signature(signature));
  EXPECT_FALSE(is_public_key(signature));
  EXPECT_FALSE(is_signature(public_key));
  EXPECT_FALSE(is_public_key(""));
  EXPECT_FALSE(is_public_key("PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zg==")) << "31 bytes";
  EXPECT_FALSE(is_public_key("PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zg!=")) << "no base64";
}

TEST_F(signatures, what_is_no_key_is_refused) {
  EXPECT_THROW(signing_key::load(file("")), error);
  EXPECT_THROW(signing_key::load(file("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")), error);
  EXPECT_THROW(load_public_key(file("not a key")), error);
  EXPECT_THROW(signing_key::load("/nonexistent"), error);
}

}  // namespace
}  // namespace gpubench
