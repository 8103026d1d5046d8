#include "bench/clock.hpp"
#include "bench/host/pointer_chain.hpp"
#include "bench/host/stream_arrays.hpp"
#include "bench/registry.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>

namespace gpubench::bench {

namespace {

/// Loads of one sample: from 25 microseconds in the first-level cache to a few milliseconds in memory, so that the
/// clock's resolution and an interrupt both stay small against it.
constexpr std::size_t loads_per_sample = 1 << 15;

constexpr double largest_working_set_bytes = 2 * gib;
constexpr double largest_quick_working_set_bytes = 1 * gib;

double working_set_bytes(const results::parameters& params) {
  return static_cast<double>(results::integer_parameter(params, "working_set_bytes").value());
}

class memory_latency_case : public prepared_case {
 public:
  memory_latency_case(const results::parameters& params, const machine& where)
      : chain_(static_cast<std::size_t>(working_set_bytes(params)), seed), at_(chain_.start()) {
    if (!chain_.has_huge_pages_advised()) {
      warnings_.push_back("the kernel refused huge pages: page-table walks are part of the latency of large sets");
    }
    const double beyond_caches = 4 * where.last_level_cache_bytes;
    if (working_set_bytes(params) == largest_of(suite::full, where) && working_set_bytes(params) < beyond_caches) {
      warnings_.push_back(fmt::format("the largest working set is smaller than 4 x the last-level cache of {}",
                                      format_bytes(where.last_level_cache_bytes)));
    }
  }

  std::chrono::duration<double, std::nano> sample() override {
    const auto start = steady_now();
    at_ = pointer_chain::follow(at_, loads_per_sample);
    return std::chrono::duration<double, std::nano>(steady_now() - start) / static_cast<double>(loads_per_sample);
  }

  results::verification verify() override {
    const double lines = static_cast<double>(chain_.lines());
    const double visited = static_cast<double>(chain_.count_cycle());
    return {"lines that one round of the chain visits against all lines, relative", std::abs(visited - lines) / lines,
            0};
  }

  std::vector<std::string> warnings() override { return warnings_; }

  /// Four times the last-level cache as a power of two, as far as memory and the suite's patience allow.
  static double largest_of(suite s, const machine& where) {
    double limit = s == suite::quick ? largest_quick_working_set_bytes : largest_working_set_bytes;
    if (where.usable_memory_bytes > 0) limit = std::min(limit, where.usable_memory_bytes / 4);
    double bytes = 64 * mib;
    while (bytes < 4 * where.last_level_cache_bytes && 2 * bytes <= limit) bytes *= 2;
    return bytes;
  }

 private:
  static constexpr std::uint64_t seed = 0x9e3779b97f4a7c15;

  pointer_chain chain_;
  chain_line* at_;
  std::vector<std::string> warnings_;
};

std::vector<results::parameters> memory_latency_cases(suite s, const machine& where) {
  const double largest = memory_latency_case::largest_of(s, where);
  // Memory first, then the first-, second- and third-level cache of most machines.
  std::vector<double> sizes = {largest, 16 * kib, 1 * mib, 16 * mib};
  if (s != suite::quick) {
    const double step = s == suite::full ? 2 : 4;
    for (double bytes = 32 * kib; bytes < largest; bytes *= step) {
      if (std::find(sizes.begin(), sizes.end(), bytes) == sizes.end()) sizes.push_back(bytes);
    }
  }
  std::vector<results::parameters> cases;
  for (const double bytes : sizes) cases.push_back({{"working_set_bytes", static_cast<std::int64_t>(bytes)}});
  return cases;
}

benchmark_definition memory_latency_definition() {
  benchmark_definition definition;
  definition.name = "memory_latency";
  definition.description =
      "Time of one load that waits for the one before, over a random chain of 64-byte lines, on one thread, with huge "
      "pages advised";
  definition.backend = "host";
  definition.cases = memory_latency_cases;
  definition.work = [](const results::parameters&) {
    results::work_done work;  // a sample's time is that of one load
    work.items = 1;
    work.item = "load";
    return work;
  };
  definition.unavailable = [](const results::parameters& params, const machine&) {
    return memory_shortage(working_set_bytes(params) * 1.1);
  };
  definition.prepare = [](const results::parameters& params, const machine& where) {
    return std::make_unique<memory_latency_case>(params, where);
  };
  definition.overhead = [](const results::parameters& params, const machine&) {
    // Shuffling, touching and checking: about 3 s a GiB.
    return std::chrono::duration<double>(0.01 + 3 * working_set_bytes(params) / gib);
  };
  return definition;
}

const registration unused{memory_latency_definition()};

}  // namespace

}  // namespace gpubench::bench
