#pragma once

#include <span>
#include <string_view>

#include "predictor/vector_work.hpp"

namespace gpubench::predictor {

/// A hash function or proof of work, by what one evaluation of it asks for. 32-bit instructions as NVIDIA's integer
/// units have them: any function of three words is one (LOP3), a rotation is one (SHF), a sum of three words is one
/// (IADD3), an addition of 64 bits is two. Counts leave out what a compiler saves on constant words.
struct hash_function {
  std::string_view name;
  double instructions = 0;
  double bytes = 0;              ///< of device memory, in random pieces
  double working_set_bytes = 0;  ///< that these pieces are spread over
};

/// - sha256 (FIPS 180-4, 6.2.2), one block: a round is 6 rotations, 4 functions of words and 4 sums, 64 of them; the
///   schedule 4 rotations, 2 shifts, 2 functions and 2 sums, 48 of them: 64 * 14 + 48 * 10 = 1376. sha256d: Bitcoin's,
///   a second block and a digest over a nonce, the first block's state being known: two blocks.
/// - sha512 (likewise, in halves of 64-bit words, 80 rounds; a round has 7 additions): 80 * (12 + 8 + 14) + 64 * 22 = 4128.
/// - blake2b (RFC 7693), one block: 12 rounds of 8 mixings; a mixing is two sums of three and two of two 64-bit words
///   (12), four XORs (8), three rotations that are not by half a word (6): 96 * 26 + 64 = 2560.
/// - keccak256 (FIPS 202), one block of 24 rounds: theta 20 functions for the parities, 10 rotations and 50 functions,
///   rho 48 rotations, chi 50 functions, iota 2: 24 * 180 = 4320.
/// - scrypt (RFC 7914) with N = 1024, r = p = 1, Litecoin's: writes and reads 128 KiB; 2048 * 2 Salsa20/8 of 4 double
///   rounds of 32 steps of 3 (addition, rotation, XOR), 64 more around them: 4096 * (4 * 32 * 3 + 64) = 1.84 million.
/// - ethash (Ethereum wiki, Ethash; 64 accesses of 128 bytes to a graph far larger than L2): 8192 bytes; a keccak
/// before
///   and after, and a multiplication and an XOR for each of 64 * 32 words: 2 * 4320 + 4096 = 12,736.
/// - equihash: equihash_function().
std::span<const hash_function> hash_functions();

/// One run of Equihash (Biryukov and Khovratovich, NDSS 2016) with parameters n and k, by Wagner's algorithm: a list of
/// 2^(n/(k+1) + 1) strings, made by that many / floor(512/n) of blake2b, and k rounds which each read and write the
/// list, the rest of each string and 4 bytes of where it came from, in pieces of whole sectors of 32 bytes.
hash_function equihash_function(double n, double k);

vector_work hashing_work(double hashes, const hash_function& function);

/// Fixed by counting: memory-bound ones hang on how random pieces of a sector or a line are served.
vector_assumptions hashing_assumptions(const hash_function& function);

}  // namespace gpubench::predictor
