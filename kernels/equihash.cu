#include "kernels/equihash.cuh"
#include "kernels/equihash_layout.hpp"

namespace gpubench::kernels {

namespace {

constexpr int block_threads = 256;

/// The memory of a run, as its kernels address it.
template <class Shape>
struct equihash_arrays {
  std::uint32_t *counters, *entries[2], *strings, *candidate_count, *solution_count, *dropped_count, *solutions;
  typename Shape::origin *candidates, *lists[Shape::k];

  explicit equihash_arrays(char* memory) {
    using layout = equihash_layout<Shape>;
    const auto words = [memory](std::size_t offset) { return reinterpret_cast<std::uint32_t*>(memory + offset); };
    counters = words(layout::counters);
    candidate_count = words(layout::candidate_count);
    solution_count = words(layout::solution_count);
    dropped_count = words(layout::dropped_count);
    solutions = words(layout::solutions);
    entries[0] = words(layout::entries[0]);
    entries[1] = words(layout::entries[1]);
    strings = words(layout::strings);
    candidates = reinterpret_cast<typename Shape::origin*>(memory + layout::candidates);
    lists[0] = nullptr;
    for (int list = 1; list < Shape::k; ++list) {
      lists[list] = reinterpret_cast<typename Shape::origin*>(
          memory + layout::origins + static_cast<std::size_t>(list - 1) * layout::origins_bytes);
    }
  }
};

constexpr std::uint64_t no_slot = ~std::uint64_t{0};

/// Stores an entry of a list in its bucket.
/// @return its slot, or no_slot where the bucket was full
template <class Shape, int list>
__device__ std::uint64_t add_entry(const equihash_arrays<Shape>& arrays, const std::uint32_t* entry) {
  const std::uint32_t bucket = equihash_bucket<Shape, list>(entry);
  const std::uint32_t used = atomicAdd(arrays.counters + list * Shape::buckets + bucket, 1U);
  if (used >= Shape::capacity) {
    atomicAdd(arrays.dropped_count, 1U);
    return no_slot;
  }
  const std::uint64_t slot = static_cast<std::uint64_t>(bucket) * Shape::capacity + used;
  std::uint32_t* const to = arrays.entries[list % 2] + slot * Shape::words_of(list);
#pragma unroll
  for (int w = 0; w < Shape::words_of(list); ++w) to[w] = entry[w];
  return slot;
}

template <class Shape>
__global__ void __launch_bounds__(block_threads)
    strings_kernel(const equihash_input input, const equihash_arrays<Shape> arrays) {
  const std::uint32_t hash = blockIdx.x * block_threads + threadIdx.x;
  if (hash >= Shape::hashes) return;
  std::uint64_t digest[8];
  equihash_digest(input, static_cast<std::uint64_t>(hash), digest);
#pragma unroll
  for (int part = 0; part < Shape::strings_per_hash; ++part) {
    const std::uint32_t number = hash * Shape::strings_per_hash + part;
    if (number >= Shape::strings) return;
    std::uint32_t string[Shape::words];
    equihash_string<Shape>(digest, part, string);
    const std::uint64_t slot = add_entry<Shape, 0>(arrays, string);
    if (slot != no_slot) arrays.strings[slot] = number;
  }
}

/// One block a bucket. Entries of one rest are chained: the order in which threads came in decides which is before
/// which, so that each pair is met once, by the later of the two.
template <class Shape, int list>
__global__ void __launch_bounds__(block_threads) join_kernel(const equihash_arrays<Shape> arrays) {
  constexpr std::uint32_t none = 0xffff;
  __shared__ std::uint32_t head[1U << Shape::rest_bits];
  __shared__ std::uint16_t next[Shape::capacity];
  const std::uint32_t bucket = blockIdx.x;
  const std::uint32_t given = arrays.counters[list * Shape::buckets + bucket];
  const std::uint32_t used = given < Shape::capacity ? given : Shape::capacity;
  const std::uint32_t* const entries =
      arrays.entries[list % 2] + static_cast<std::uint64_t>(bucket) * Shape::capacity * Shape::words_of(list);

  for (std::uint32_t rest = threadIdx.x; rest < 1U << Shape::rest_bits; rest += block_threads) head[rest] = none;
  __syncthreads();
  for (std::uint32_t slot = threadIdx.x; slot < used; slot += block_threads) {
    const std::uint32_t rest = equihash_rest<Shape, list>(entries + slot * Shape::words_of(list));
    next[slot] = static_cast<std::uint16_t>(atomicExch(head + rest, slot));
  }
  __syncthreads();
  for (std::uint32_t slot = threadIdx.x; slot < used; slot += block_threads) {
    std::uint32_t one[Shape::words_of(list)];
#pragma unroll
    for (int w = 0; w < Shape::words_of(list); ++w) one[w] = entries[slot * Shape::words_of(list) + w];
    for (std::uint32_t other = next[slot]; other != none; other = next[other]) {
      const std::uint32_t* const second = entries + other * Shape::words_of(list);
      const auto pair = equihash_origin<Shape>(bucket, slot, other);
      if constexpr (list + 1 < Shape::k) {
        std::uint32_t joined[Shape::words_of(list + 1)];
        if (!equihash_join<Shape, list>(one, second, joined)) continue;
        const std::uint64_t to = add_entry<Shape, list + 1>(arrays, joined);
        if (to != no_slot) arrays.lists[list + 1][to] = pair;
      } else if (equihash_solves<Shape>(one, second)) {
        const std::uint32_t to = atomicAdd(arrays.candidate_count, 1U);
        if (to < equihash_layout<Shape>::most_candidates) {
          arrays.candidates[to] = pair;
        } else {
          atomicAdd(arrays.dropped_count, 1U);
        }
      }
    }
  }
}

/// One block a candidate, one thread an index: solutions are candidates without an index that comes twice.
template <class Shape>
__global__ void __launch_bounds__(1 << Shape::k) solutions_kernel(const equihash_arrays<Shape> arrays) {
  using layout = equihash_layout<Shape>;
  __shared__ std::uint32_t indices[layout::indices];
  __shared__ std::uint32_t place;
  equihash_origins<Shape> from;
  from.strings = arrays.strings;
  for (int list = 1; list < Shape::k; ++list) from.lists[list] = arrays.lists[list];
  const std::uint32_t given = *arrays.candidate_count;
  const std::uint32_t candidates = given < layout::most_candidates ? given : layout::most_candidates;
  for (std::uint32_t candidate = blockIdx.x; candidate < candidates; candidate += gridDim.x) {
    const std::uint32_t mine = equihash_leaf<Shape>(from, arrays.candidates[candidate], threadIdx.x);
    indices[threadIdx.x] = mine;
    __syncthreads();
    int twice = 0;
    for (std::uint32_t i = 0; i < threadIdx.x; ++i) twice |= indices[i] == mine ? 1 : 0;
    twice = __syncthreads_or(twice);
    if (threadIdx.x == 0 && twice == 0) place = atomicAdd(arrays.solution_count, 1U);
    __syncthreads();
    if (twice == 0 && place < layout::most_solutions) arrays.solutions[place * layout::indices + threadIdx.x] = mine;
    __syncthreads();
  }
}

template <class Shape, int list>
void launch_joins(const equihash_arrays<Shape>& arrays, cudaStream_t stream) {
  join_kernel<Shape, list><<<Shape::buckets, block_threads, 0, stream>>>(arrays);
  if constexpr (list + 1 < Shape::k) launch_joins<Shape, list + 1>(arrays, stream);
}

}  // namespace

template <class Shape>
void launch_equihash(const equihash_input& input, void* memory, cudaStream_t stream) {
  const equihash_arrays<Shape> arrays(static_cast<char*>(memory));
  // An error stays where the caller looks for it.
  static_cast<void>(cudaMemsetAsync(arrays.counters, 0, 4 * equihash_layout<Shape>::counter_words, stream));
  strings_kernel<Shape>
      <<<(Shape::hashes + block_threads - 1) / block_threads, block_threads, 0, stream>>>(input, arrays);
  launch_joins<Shape, 0>(arrays, stream);
  constexpr int candidate_blocks = 256;
  solutions_kernel<Shape><<<candidate_blocks, 1 << Shape::k, 0, stream>>>(arrays);
}

template void launch_equihash<equihash_96_5>(const equihash_input&, void*, cudaStream_t);
template void launch_equihash<equihash_144_5>(const equihash_input&, void*, cudaStream_t);
template void launch_equihash<equihash_200_9>(const equihash_input&, void*, cudaStream_t);

}  // namespace gpubench::kernels
