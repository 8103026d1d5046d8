#pragma once

#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/timer.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// Buffers of one product.
struct matmul_buffers {
  const void* a = nullptr;
  const void* b = nullptr;
  void* c = nullptr;
};

/// What timing the candidates came to.
struct matmul_choice {
  std::size_t product = 0;  ///< which of the products; its fastest algorithm is in use
  int tried = 0;            ///< algorithms that ran
  int proposed = 0;         ///< algorithms that the heuristics proposed
  double best_ns = 0;       ///< of the chosen one, cold

  /// "4 of 32 ..." for the notes.
  std::string text() const;
};

/// Times the algorithms of one or several ways to compute the same thing (layouts) and leaves the fastest in use: each
/// runs cold, those within 10 % of the best run again in turns, the least time decides. What C held is lost.
/// @param budget  no further algorithm is begun after it
/// @throws failure: unsupported when none ran.
matmul_choice choose_fastest(timer& clock, const std::vector<matmul*>& products, const matmul_buffers& buffers,
                             std::chrono::nanoseconds budget = std::chrono::seconds(1));

}  // namespace gpubench::cuda
