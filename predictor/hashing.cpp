#include "predictor/hashing.hpp"

#include <cmath>

namespace gpubench::predictor {
namespace {

constexpr double blake2b_instructions = 2560;
constexpr double beyond_l2 = 1e18;
constexpr double sector_bytes = 32, reference_bytes = 4;

constexpr hash_function functions[] = {
    {"sha256", 1376},
    {"sha256d", 2 * 1376},
    {"sha512", 4128},
    {"blake2b", blake2b_instructions},
    {"keccak256", 4320},
    {"scrypt", 1835008, 2 * 131072, beyond_l2},
    {"ethash", 12736, 64 * 128, beyond_l2},
};

}  // namespace

std::span<const hash_function> hash_functions() {
  return functions;
}

hash_function equihash_function(double n, double k) {
  const double collision_bits = n / (k + 1);
  const double strings = std::exp2(collision_bits + 1);
  double bytes = 0, longest = 0;
  for (double round = 0; round < k; ++round) {
    const double entry = std::ceil(((n - round * collision_bits) / 8 + reference_bytes) / sector_bytes) * sector_bytes;
    bytes += 2 * strings * entry;
    longest = std::fmax(longest, entry);
  }
  const double hashes = strings / std::fmax(1, std::floor(512 / n));
  constexpr double instructions_of_a_step = 40;  // sorting a string into its bin and joining it with another
  return {"equihash", hashes * blake2b_instructions + k * strings * instructions_of_a_step, bytes,
          2 * strings * longest};
}

vector_work hashing_work(double hashes, const hash_function& function) {
  vector_work w;
  w.int32 = hashes * function.instructions;
  w.bytes = hashes * function.bytes;
  w.working_set_bytes = function.working_set_bytes;
  w.threads = function.name == "equihash" ? 1e9 : hashes;
  return w;
}

vector_assumptions hashing_assumptions(const hash_function& function) {
  if (function.bytes > 0) return {0.9, 1, 0.7, 2.2, 0.3, 0.12};
  return {0.95, 1, 0.6, 1.5, 0.8, 0.8};
}

}  // namespace gpubench::predictor
