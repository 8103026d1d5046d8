#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reference/hashes.hpp"

namespace gpubench::reference {

/// What is wrong with a solution of Equihash with parameters n and k, or nothing where it is valid: the conditions of
/// the Zcash protocol specification, section 7.6.1.
/// @param input    header and nonce, without the solution
/// @param indices  2^k, in the order of the solution
std::optional<std::string> equihash_defect(unsigned n, unsigned k, byte_view input,
                                           std::span<const std::uint32_t> indices);

/// The indices of a solution as a block carries it, n/(k+1) + 1 bits each, the highest first; nothing where the length
/// is not that of 2^k of them.
std::optional<std::vector<std::uint32_t>> equihash_indices(unsigned n, unsigned k, byte_view packed);

}  // namespace gpubench::reference
