#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "reference/equihash.hpp"

/// Checks of Equihash solutions against the plain verifier in reference/. On the host.
namespace gpubench::kernels {

inline constexpr std::uint64_t zcash_genesis_nonce = 0x1257;

/// Header and nonce of a block with Zcash's first block's header (zcash, chainparams.cpp), whose solution for the nonce
/// above is published.
inline std::vector<std::uint8_t> zcash_input(std::uint64_t nonce) {
  constexpr std::uint8_t merkle_root[32] = {0xdb, 0x4d, 0x7a, 0x85, 0xb7, 0x68, 0x12, 0x3f, 0x1d, 0xff, 0x1d,
                                            0x4c, 0x4c, 0xec, 0xe7, 0x00, 0x83, 0xb2, 0xd2, 0x7e, 0x11, 0x7b,
                                            0x4a, 0xc2, 0xe3, 0x1d, 0x08, 0x79, 0x88, 0xa5, 0xea, 0xc4};
  constexpr std::uint8_t time_and_bits[8] = {0x90, 0x04, 0x13, 0x58, 0xff, 0xff, 0x07, 0x1f};
  std::vector<std::uint8_t> input(140);
  input[0] = 4;  // the version; the hash of the block before and the reserved field are 0
  for (std::size_t i = 0; i < 32; ++i) input[36 + i] = merkle_root[i];
  for (std::size_t i = 0; i < 8; ++i) input[100 + i] = time_and_bits[i];
  for (std::size_t i = 0; i < 8; ++i) input[108 + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
  return input;
}

/// A solution of zcash_input(nonce).
struct solved_nonce {
  std::uint64_t nonce = 0;
  std::vector<std::uint32_t> indices;
};

/// The least number of solutions that a solver which loses none has in so many runs: a run has 2 on average before
/// those are put aside that use an index twice (Biryukov and Khovratovich, "Equihash", NDSS 2016), 1.9 for (200,9)
/// and 2.0 for (96,5) here, and their number is Poisson's: what lies four deviations below 1.8 a run is chance less than
/// once in thirty thousand.
inline double least_solutions(std::uint64_t runs) {
  const double expected = 1.8 * static_cast<double>(runs);
  return expected - 4 * std::sqrt(expected);
}

/// Entries that may find no room in their bucket, of all that runs of a solver have.
inline constexpr double dropped_share_allowed = 1e-3;

/// What a solver's work is wrong by: its invalid solutions, and one each for too few of them and too many entries
/// dropped.
inline double equihash_errors(std::size_t invalid, std::uint64_t runs, std::uint64_t found, double dropped_share) {
  return static_cast<double>(invalid) + (static_cast<double>(found) < least_solutions(runs) ? 1 : 0) +
         (dropped_share <= dropped_share_allowed ? 0 : 1);
}

/// How many solutions are invalid; 1 where there are none at all.
inline std::size_t wrong_solutions(unsigned n, unsigned k, const std::vector<solved_nonce>& solutions) {
  std::size_t wrong = solutions.empty() ? 1 : 0;
  for (const auto& each : solutions) {
    wrong += reference::equihash_defect(n, k, zcash_input(each.nonce), each.indices) ? 1 : 0;
  }
  return wrong;
}

}  // namespace gpubench::kernels
