#include "kernels/block_sum.cuh"
#include "kernels/l2.cuh"

namespace gpubench::kernels {

namespace {

using function = void (*)(uint4*, std::uint32_t*, std::uint64_t, tile_walk);

__device__ uint4 written_words(std::uint64_t vector) {
  return make_uint4(l2_written_word(4 * vector), l2_written_word(4 * vector + 1), l2_written_word(4 * vector + 2),
                    l2_written_word(4 * vector + 3));
}

__global__ void fill_kernel(std::uint32_t* memory, std::uint64_t words) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < words; i += stride) {
    memory[i] = l2_word(i);
  }
}

template <int vectors, bool whole>
__device__ std::uint32_t read_tile(const uint4* memory, std::uint64_t start, std::uint64_t count) {
  uint4 x[vectors] = {};
#pragma unroll
  for (int v = 0; v < vectors; ++v) {
    const std::uint64_t i = start + threadIdx.x + static_cast<std::uint64_t>(v) * blockDim.x;
    if (whole || i < count) x[v] = __ldcg(memory + i);
  }
  std::uint32_t sum = 0;
#pragma unroll
  for (int v = 0; v < vectors; ++v) sum += x[v].x + x[v].y + x[v].z + x[v].w;
  return sum;
}

template <int vectors>
__global__ void __launch_bounds__(1024)
    read_kernel(uint4* memory, std::uint32_t* sums, std::uint64_t count, tile_walk walk) {
  const std::uint32_t step = gridDim.x % walk.tiles;
  std::uint32_t tile = blockIdx.x % walk.tiles;
  std::uint32_t sum = 0;
  for (std::uint64_t visit = blockIdx.x; visit < walk.visits; visit += gridDim.x) {
    const std::uint64_t start = static_cast<std::uint64_t>(tile) * vectors * blockDim.x;
    const bool whole = start + vectors * blockDim.x <= count;
    sum += whole ? read_tile<vectors, true>(memory, start, count) : read_tile<vectors, false>(memory, start, count);
    tile = next_in_ring(tile, step, walk.tiles);
  }
  const std::uint32_t total = last_block_sum(sum);  // modulo 2^32
  if (threadIdx.x == 0) sums[blockIdx.x] = total;
}

/// Blocks meet on the same tile in different passes in any order, so every pass stores the same.
template <int vectors>
__global__ void __launch_bounds__(1024)
    write_kernel(uint4* memory, std::uint32_t*, std::uint64_t count, tile_walk walk) {
  const std::uint32_t step = gridDim.x % walk.tiles;
  std::uint32_t tile = blockIdx.x % walk.tiles;
  for (std::uint64_t visit = blockIdx.x; visit < walk.visits; visit += gridDim.x) {
    const std::uint64_t start = static_cast<std::uint64_t>(tile) * vectors * blockDim.x;
#pragma unroll
    for (int v = 0; v < vectors; ++v) {
      const std::uint64_t i = start + threadIdx.x + static_cast<std::uint64_t>(v) * blockDim.x;
      if (i < count) __stcg(memory + i, written_words(i));
    }
    tile = next_in_ring(tile, step, walk.tiles);
  }
}

function kernel_of(l2_operation operation, int vectors) {
  if (operation == l2_operation::read) {
    return vectors == 4 ? read_kernel<4> : vectors == 2 ? read_kernel<2> : read_kernel<1>;
  }
  return vectors == 4 ? write_kernel<4> : vectors == 2 ? write_kernel<2> : write_kernel<1>;
}

}  // namespace

void launch_l2_fill(void* memory, std::uint64_t vectors, cudaStream_t stream) {
  fill_kernel<<<1024, 256, 0, stream>>>(static_cast<std::uint32_t*>(memory), 4 * vectors);
}

void launch_l2(l2_operation operation, const l2_arrays& arrays, const launch_shape& shape, cudaStream_t stream) {
  const auto per_tile = static_cast<std::uint32_t>(shape.threads * shape.vectors);
  kernel_of(operation, shape.vectors)<<<shape.blocks, shape.threads, 0, stream>>>(
      static_cast<uint4*>(arrays.memory), arrays.sums, arrays.vectors,
      walk_of(arrays.vectors, per_tile, arrays.passes));
}

cudaError_t l2_blocks_per_multiprocessor(l2_operation operation, const launch_shape& shape, int* blocks) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, kernel_of(operation, shape.vectors), shape.threads, 0);
}

}  // namespace gpubench::kernels
