#pragma once

#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/timer.hpp"

#include <chrono>
#include <cstddef>
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
  int ran = 0, proposed = 0;
  double time_ns = 0;  ///< of the chosen one, cold

  /// "the fastest of 27 that ran, of 32 proposed".
  std::string text() const;
};

/// One cold run of a product with the algorithm in use, after one that loads its code; nothing when the algorithm turns
/// out not to take the problem. C is overwritten.
std::optional<double> time_of(timer& clock, matmul& product, const matmul_buffers& buffers);

/// The same over some time of such runs, two at least: the median of the later half, nearer to the clock that the
/// algorithm's power leaves. One that wins at the highest clock can lose there.
std::optional<double> settled_time_of(timer& clock, matmul& product, const matmul_buffers& buffers,
                                      std::chrono::nanoseconds enough);

/// Runs a product for 150 ms, so that the clocks have risen, or fallen to what its power leaves, before anything is
/// compared.
void wake_up(timer& clock, matmul& product, const matmul_buffers& buffers);

/// Times the algorithms of one or several ways to compute the same thing (layouts) against each other, as race() does,
/// and leaves the fastest in use; a turn of the second round takes 50 ms, or less where the budget is smaller. With a
/// second or more the best three are then timed alone, as race_alone() does, for 250 ms each. What C held is lost.
/// @param budget  of the race: no further algorithm and no further turn is begun after it
/// @throws failure: unsupported when none ran.
matmul_choice choose_fastest(timer& clock, const std::vector<matmul*>& products, const matmul_buffers& buffers,
                             std::chrono::nanoseconds budget = std::chrono::milliseconds(2250));

}  // namespace gpubench::cuda
