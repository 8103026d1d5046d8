#include "bench/apps/equihash_solver.hpp"

#include "bench/apps/equihash_digests.hpp"
#include "bench/host/stream_arrays.hpp"
#include "kernels/equihash_solution.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace gpubench::bench::apps {
namespace {

/// Whole cache lines, so that each array begins at one.
constexpr std::uint64_t padded(std::uint64_t bytes) {
  return (bytes + 63) / 64 * 64;
}

template <class Shape>
class solver final : public equihash_solver {
 public:
  using origin = typename Shape::origin;

  static constexpr std::uint64_t entries_bytes = padded(Shape::slots * Shape::words * sizeof(std::uint32_t));
  static constexpr std::uint64_t strings_bytes = padded(Shape::slots * sizeof(std::uint32_t));
  static constexpr std::uint64_t origins_bytes = padded(Shape::slots * sizeof(origin));
  static constexpr std::uint64_t memory_bytes =
      2 * entries_bytes + strings_bytes + static_cast<std::uint64_t>(Shape::k - 1) * origins_bytes;

  // Thousands of buckets are written side by side: with small pages each write would miss the TLB.
  solver() : memory_(memory_bytes) {
    memory_.advise_huge_pages();
    auto* at = static_cast<char*>(memory_.data());
    for (auto& entries : entries_) {
      entries = reinterpret_cast<std::uint32_t*>(at);
      at += entries_bytes;
    }
    strings_ = reinterpret_cast<std::uint32_t*>(at);
    at += strings_bytes;
    from_.strings = strings_;
    for (std::size_t list = 1; list < Shape::k; ++list, at += origins_bytes) {
      from_.lists[list] = origins_[list] = reinterpret_cast<origin*>(at);
    }
  }

  equihash_run solve(const std::vector<std::uint8_t>& input) override {
    run_ = {};
    make_strings(kernels::equihash_input_of<Shape>(input));
    join_lists<0>();
    return std::move(run_);
  }

 private:
  /// A free slot of a bucket of the list that is being made, or nothing.
  template <int list>
  std::uint32_t* add(const std::uint32_t* entry, std::uint64_t& slot) {
    const std::uint32_t bucket = kernels::equihash_bucket<Shape, list>(entry);
    const std::uint32_t used = used_next_[bucket];
    if (used == Shape::capacity) {
      ++run_.dropped;
      return nullptr;
    }
    used_next_[bucket] = used + 1;
    slot = std::uint64_t{bucket} * Shape::capacity + used;
    return entries_[list % 2] + slot * Shape::words_of(list);
  }

  void make_strings(const kernels::equihash_input& input) {
    used_next_.fill(0);
    std::uint64_t digests[digests_per_call][8];
    for (std::uint32_t hash = 0; hash < Shape::hashes; ++hash) {
      const std::uint32_t within = hash % digests_per_call;
      if (within == 0) equihash_digests(input, hash, digests);
      for (int part = 0; part < Shape::strings_per_hash; ++part) {
        const std::uint32_t number = hash * Shape::strings_per_hash + static_cast<std::uint32_t>(part);
        if (number >= Shape::strings) return;
        std::uint32_t string[Shape::words];
        kernels::equihash_string<Shape>(digests[within], part, string);
        std::uint64_t slot = 0;
        if (auto* const to = add<0>(string, slot)) {
          std::memcpy(to, string, sizeof string);
          strings_[slot] = number;
        }
      }
    }
  }

  template <int list>
  void join_lists() {
    used_ = used_next_;
    used_next_.fill(0);
    for (std::uint32_t bucket = 0; bucket < Shape::buckets; ++bucket) {
      for_equal_rests<list>(bucket, [&](std::uint32_t one, std::uint32_t other) { join<list>(bucket, one, other); });
    }
    if constexpr (list + 1 < Shape::k) join_lists<list + 1>();
  }

  /// Calls with each pair of a bucket's entries that agree in the rest of the chunk, once: entries of one rest are
  /// chained, the last that came first.
  template <int list, class Use>
  void for_equal_rests(std::uint32_t bucket, const Use& use) {
    constexpr std::uint16_t none = 0xffff;
    std::array<std::uint16_t, 1U << Shape::rest_bits> head;
    std::array<std::uint16_t, Shape::capacity> next;
    head.fill(none);
    for (std::uint32_t slot = 0; slot < used_[bucket]; ++slot) {
      auto& first = head[kernels::equihash_rest<Shape, list>(entry<list>(bucket, slot))];
      for (std::uint16_t other = first; other != none; other = next[other]) use(slot, other);
      next[slot] = first;
      first = static_cast<std::uint16_t>(slot);
    }
  }

  template <int list>
  const std::uint32_t* entry(std::uint32_t bucket, std::uint32_t slot) const {
    return entries_[list % 2] + (std::uint64_t{bucket} * Shape::capacity + slot) * Shape::words_of(list);
  }

  template <int list>
  void join(std::uint32_t bucket, std::uint32_t one, std::uint32_t other) {
    const auto* const first = entry<list>(bucket, one);
    const auto* const second = entry<list>(bucket, other);
    const origin pair = kernels::equihash_origin<Shape>(bucket, one, other);
    if constexpr (list + 1 < Shape::k) {
      std::uint32_t joined[Shape::words_of(list + 1)];
      if (!kernels::equihash_join<Shape, list>(first, second, joined)) return;
      std::uint64_t slot = 0;
      if (auto* const to = add<list + 1>(joined, slot)) {
        std::memcpy(to, joined, sizeof joined);
        origins_[list + 1][slot] = pair;
      }
    } else if (kernels::equihash_solves<Shape>(first, second)) {
      std::vector<std::uint32_t> indices(std::size_t{1} << Shape::k);
      for (std::uint32_t leaf = 0; leaf < indices.size(); ++leaf) {
        indices[leaf] = kernels::equihash_leaf<Shape>(from_, pair, leaf);
      }
      if (auto ordered = kernels::equihash_ordered(std::move(indices))) run_.solutions.push_back(std::move(*ordered));
    }
  }

  mapped_memory memory_;
  std::uint32_t* entries_[2] = {};
  std::uint32_t* strings_ = nullptr;
  origin* origins_[Shape::k] = {};
  kernels::equihash_origins<Shape> from_;
  std::array<std::uint32_t, Shape::buckets> used_{}, used_next_{};
  equihash_run run_;
};

}  // namespace

std::unique_ptr<equihash_solver> make_equihash_solver(std::int64_t n, std::int64_t k) {
  std::unique_ptr<equihash_solver> made;
  kernels::with_equihash_shape(n, k, [&](auto shape) { made = std::make_unique<solver<decltype(shape)>>(); });
  return made;
}

double equihash_memory_bytes(std::int64_t n, std::int64_t k) {
  double bytes = 0;
  kernels::with_equihash_shape(n, k, [&](auto shape) { bytes = solver<decltype(shape)>::memory_bytes; });
  return bytes;
}

}  // namespace gpubench::bench::apps
