#include "core/digest.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <openssl/evp.h>

#include <array>

namespace gpubench {

std::string sha256_hex(std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw error(error_kind::internal, "OpenSSL computes no SHA-256");
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest.at(i));
  return text;
}

}  // namespace gpubench
