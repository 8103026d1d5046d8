#include "core/digest.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/temporary_folder.hpp"

namespace gpubench {
namespace {

// FIPS 180-4 examples: the empty text, "abc", and the text of two blocks.
TEST(digest, published_examples) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(digest, a_file_has_the_digest_of_its_bytes_whatever_its_size) {
  const temporary_folder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, std::size_t{200001}}) {
    const std::string content(size, 'x');
    const auto found = digest_of_file(folder.write("file", content));
    EXPECT_EQ(found.bytes, size);
    EXPECT_EQ(found.sha256, sha256_hex(content));
  }
}

TEST(digest, what_is_no_file_is_refused) {
  EXPECT_THROW(digest_of_file("/nonexistent"), error);
  EXPECT_THROW(digest_of_file(std::filesystem::temp_directory_path()), error);
  EXPECT_THROW(digest_of_file("/dev/zero"), error);
}

}  // namespace
}  // namespace gpubench
