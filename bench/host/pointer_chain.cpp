#include "bench/host/pointer_chain.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace gpubench::bench {

namespace {

/// A random permutation that is one cycle.
/// Source: Sattolo, "An algorithm to generate a random cyclic permutation", Inf. Proc. Letters 22 (1986).
std::vector<std::uint32_t> cyclic_permutation(std::size_t n, std::uint64_t seed) {
  std::vector<std::uint32_t> next(n);
  std::iota(next.begin(), next.end(), 0U);
  std::mt19937_64 random(seed);
  for (std::size_t i = n - 1; i > 0; --i) {
    // Multiply and shift instead of a division; its bias of i / 2^32 does not matter here.
    const auto j = static_cast<std::size_t>(((random() >> 32) * i) >> 32);
    std::swap(next[i], next[j]);
  }
  return next;
}

}  // namespace

pointer_chain::pointer_chain(std::size_t bytes, std::uint64_t seed)
    : memory_(std::max(bytes, 2 * sizeof(chain_line))),
      lines_(memory_.bytes() / sizeof(chain_line)),
      huge_pages_advised_(memory_.advise_huge_pages()) {
  const auto next = cyclic_permutation(lines_, seed);
  for (std::size_t i = 0; i < lines_; ++i) line(i)->next = line(next[i]);
}

chain_line* pointer_chain::follow(chain_line* from, std::size_t loads) {
  for (std::size_t i = 0; i < loads; ++i) {
    from = from->next;
    // Keeps the loop: without it a compiler may see that only the end matters and drop walks whose end is not used.
    asm volatile("" : "+r"(from));
  }
  return from;
}

std::size_t pointer_chain::count_cycle() const {
  // Each walker starts at a marked line and walks to the next marked one; the walks together are the cycle.
  struct walker {
    chain_line* at;
    std::size_t steps = 0;
    std::uint64_t reached = 0;  ///< mark of the line where it stopped; 0 while it walks
  };
  constexpr std::uint64_t no_mark = ~std::uint64_t{0};
  const std::size_t count = std::min<std::size_t>(64, lines_);
  std::vector<walker> walkers;
  for (std::size_t k = 0; k < count; ++k) {
    chain_line* const first = line(lines_ / count * k);
    first->mark = k + 1;
    walkers.push_back({first});
  }
  std::vector<walker*> walking;
  for (auto& each : walkers) walking.push_back(&each);
  while (!walking.empty()) {
    for (auto*& each : walking) {
      each->at = each->at->next;
      each->reached = each->at->mark;
      // A walk that never meets a marked line is caught in a cycle beside the way: it is cut off.
      if (++each->steps > lines_) each->reached = no_mark;
      if (each->reached != 0) each = nullptr;
    }
    walking.erase(std::remove(walking.begin(), walking.end(), nullptr), walking.end());
  }
  std::size_t visited = 0;
  std::size_t k = 0;
  for (std::size_t legs = 0; legs < count; ++legs) {
    visited += walkers[k].steps;
    if (walkers[k].reached == no_mark) break;
    k = walkers[k].reached - 1;
    if (k == 0) break;
  }
  for (std::size_t i = 0; i < count; ++i) line(lines_ / count * i)->mark = 0;
  return visited;
}

}  // namespace gpubench::bench
