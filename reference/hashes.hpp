#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace gpubench::reference {

using bytes = std::vector<std::uint8_t>;
using byte_view = std::span<const std::uint8_t>;

/// SHA-256, as FIPS 180-4 writes it down: 32 bytes.
bytes sha256(byte_view message);

/// BLAKE2b without a key, as RFC 7693 writes it down.
/// @param digest_bytes  1 to 64
/// @param personal      empty, or the 16 bytes of personalisation
bytes blake2b(byte_view message, std::size_t digest_bytes, byte_view personal = {});

}  // namespace gpubench::reference
