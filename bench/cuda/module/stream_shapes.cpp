#include "bench/cuda/module/stream_shapes.hpp"

#include <limits>
#include <utility>

namespace gpubench::cuda {

namespace {

using kernels::launch_shape;
using kernels::memory_access;

/// Largest grid along x (CUDA programming guide, "Compute Capabilities").
constexpr std::uint64_t most_blocks = std::numeric_limits<std::int32_t>::max();

/// Dynamic shared memory that a kernel gets without asking is 48 KiB less its static part.
constexpr std::uint32_t most_staged_bytes = 32 << 10;

const char* text_of(memory_access access) {
  switch (access) {
    case memory_access::streaming:
      return "streaming";
    case memory_access::bulk:
      return "bulk";
    default:
      return "cached";
  }
}

}  // namespace

std::vector<launch_shape> stream_shapes(kernels::stream_operation operation, std::uint64_t elements,
                                        bool has_bulk_copies, const resident_blocks& resident) {
  std::vector<launch_shape> result;
  const auto one_tile_a_block = [&](int threads, int vectors, memory_access access) {
    if (threads > kernels::most_threads(vectors)) return;
    const std::uint64_t tiles = kernels::tiles_of(elements, threads, vectors);
    if (tiles <= most_blocks) result.push_back({threads, vectors, static_cast<std::uint32_t>(tiles), access});
  };
  const auto as_many_as_fit = [&](int threads, int vectors, memory_access access) {
    if (threads > kernels::most_threads(vectors)) return;
    launch_shape shape{threads, vectors, 1, access};
    const std::uint64_t blocks = resident(shape);
    if (blocks == 0 || blocks >= kernels::tiles_of(elements, threads, vectors)) return;
    shape.blocks = static_cast<std::uint32_t>(blocks);
    result.push_back(shape);
  };
  for (const auto access : {memory_access::cached, memory_access::streaming}) {
    for (const int vectors : {1, 2, 4, 8}) {
      for (const int threads : {256, 512, 1024}) one_tile_a_block(threads, vectors, access);
    }
    for (const int vectors : {1, 2, 4, 8}) {
      for (const int threads : {256, 512}) as_many_as_fit(threads, vectors, access);
    }
  }
  const int arrays = kernels::stream_arrays_read(operation);
  if (has_bulk_copies && arrays > 0) {
    for (const auto& [threads, vectors] : {std::pair{256, 2}, {256, 4}, {512, 1}, {512, 2}, {256, 8}}) {
      if (kernels::staged_bytes(arrays, threads, vectors) > most_staged_bytes) continue;
      one_tile_a_block(threads, vectors, memory_access::bulk);
    }
  }
  return result;
}

std::string shape_text(const launch_shape& shape) {
  return std::to_string(shape.blocks) + " blocks of " + std::to_string(shape.threads) + " threads with " +
         std::to_string(shape.vectors) + " vectors of 16 bytes each, " + text_of(shape.access);
}

}  // namespace gpubench::cuda
