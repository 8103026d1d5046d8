#pragma once

#include <string>
#include <string_view>

namespace gpubench {

/// SHA-256 of a text in 64 lower-case hexadecimal digits (FIPS 180-4, by OpenSSL).   @throws error: internal
std::string sha256_hex(std::string_view content);

}  // namespace gpubench
