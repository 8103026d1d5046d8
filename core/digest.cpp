#include "core/digest.hpp"

#include "core/error.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

namespace gpubench {
namespace {

class sha256 {
 public:
  sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  void add(std::string_view bytes) { require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }

  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
    unsigned int length = 0;
    require(EVP_DigestFinal_ex(context_.get(), value.data(), &length) == 1);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < length; ++i) {
      text += digits[value.at(i) >> 4];
      text += digits[value.at(i) & 15];
    }
    return text;
  }

 private:
  // Only a broken or FIPS-crippled library refuses SHA-256.
  static void require(bool worked) {
    if (!worked) throw error(error_kind::environment, "OpenSSL cannot compute SHA-256", "check its configuration");
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  sha256 sum;
  sum.add(bytes);
  return sum.hex();
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

file_digest digest_of_file(const std::filesystem::path& path) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (status.type() != std::filesystem::file_type::regular) {
    const bool is_there = std::filesystem::exists(status);
    throw error(error_kind::io, {path.string(), 0, 0},
                is_there ? "cannot read: it is not a regular file" : "cannot read: there is no such file",
                is_there ? "name a file" : "see that the name is right");
  }
  std::ifstream in(path, std::ios::binary);
  file_digest result;
  sha256 sum;
  std::array<char, 1 << 16> piece{};
  while (in && in.read(piece.data(), piece.size()).gcount() > 0) {
    const auto count = static_cast<std::size_t>(in.gcount());
    sum.add({piece.data(), count});
    result.bytes += count;
  }
  if (!in.eof())
    throw error(error_kind::io, {path.string(), 0, 0}, std::string("cannot read: ") + std::strerror(errno));
  result.sha256 = sum.hex();
  return result;
}

}  // namespace gpubench
