#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace gpubench {

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits, by OpenSSL.
std::string sha256_hex(std::string_view bytes);

/// Whether it is such a text.
bool is_sha256(std::string_view text);

struct file_digest {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 hexadecimal digits

  friend bool operator==(const file_digest&, const file_digest&) = default;
};

/// Reads the file in pieces, so that its size does not matter.
/// @throws error: io if it is no regular file or unreadable.
file_digest digest_of_file(const std::filesystem::path& path);

}  // namespace gpubench
