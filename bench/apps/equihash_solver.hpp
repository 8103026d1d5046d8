#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace gpubench::bench::apps {

/// Indices of one solution, ordered as its definition asks for.
using equihash_solution = std::vector<std::uint32_t>;

/// What a run of the solver came to.
struct equihash_run {
  std::vector<equihash_solution> solutions;
  std::uint64_t dropped = 0;  ///< entries of lists for which a bucket had no room
};

/// Solves Equihash on one thread, in memory that it keeps.
class equihash_solver {
 public:
  virtual ~equihash_solver() = default;
  /// @param input   header and nonce
  /// @throws std::invalid_argument  as kernels::equihash_input_of()
  virtual equihash_run solve(const std::vector<std::uint8_t>& input) = 0;
};

/// @return null where (n,k) is none of those that are solved
/// @throws std::bad_alloc
std::unique_ptr<equihash_solver> make_equihash_solver(std::int64_t n, std::int64_t k);

/// Memory of one solver, or 0 where (n,k) is none of those that are solved.
double equihash_memory_bytes(std::int64_t n, std::int64_t k);

}  // namespace gpubench::bench::apps
