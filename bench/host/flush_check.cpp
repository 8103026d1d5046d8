#include "bench/host/flush_check.hpp"

#include "bench/clock.hpp"
#include "bench/host/pointer_chain.hpp"
#include "bench/host/stream_arrays.hpp"
#include "core/statistics.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gpubench::bench {
namespace {

constexpr std::size_t chain_bytes = static_cast<std::size_t>(256 * kib);
constexpr int rounds = 11;
/// What is flushed at least: virtual machines often do not tell of a last-level cache.
constexpr double least_flushed_bytes = 128 * mib;

class flusher {
 public:
  explicit flusher(std::size_t bytes) : memory_(bytes), words_(bytes / sizeof(std::uint64_t)) {}

  /// Writes and reads back: reading evicts what writing left modified.
  void run() {
    auto* const words = static_cast<volatile std::uint64_t*>(memory_.data());
    ++value_;
    for (std::size_t i = 0; i < words_; i += step) words[i] = value_;
    for (std::size_t i = 0; i < words_; i += step) static_cast<void>(words[i]);
  }

 private:
  static constexpr std::size_t step = 8;  // a line of 64 bytes

  mapped_memory memory_;
  std::size_t words_;
  std::uint64_t value_ = 0;
};

double time_of_a_load(const pointer_chain& chain) {
  const auto start = steady_now();
  static_cast<void>(pointer_chain::follow(chain.start(), chain.lines()));
  return std::chrono::duration<double, std::nano>(steady_now() - start).count() / static_cast<double>(chain.lines());
}

}  // namespace

std::optional<flush_times> check_flush(const machine& where) {
  const double flushed = std::max(2 * where.last_level_cache_bytes, least_flushed_bytes);
  if (flushed > where.usable_memory_bytes / 4) return std::nullopt;
  const pointer_chain chain(chain_bytes, 1);
  flusher flush(static_cast<std::size_t>(flushed));
  std::vector<double> hot, cold;
  for (int round = 0; round < rounds; ++round) {
    flush.run();
    cold.push_back(time_of_a_load(chain));
    hot.push_back(time_of_a_load(chain));
  }
  return flush_times{static_cast<double>(chain_bytes), summarize(hot).median, summarize(cold).median};
}

}  // namespace gpubench::bench
