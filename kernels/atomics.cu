#include "kernels/atomics.cuh"
#include "kernels/l2.hpp"

namespace gpubench::kernels {

namespace {

constexpr int block_threads = 256;

// Written out, so that no compiler adds up the lanes of a warp first when they meet on one address.
__device__ void add_one(std::int32_t* to) {
  asm volatile("red.global.add.u32 [%0], 1;" ::"l"(__cvta_generic_to_global(to)) : "memory");
}
__device__ void add_one(float* to) {
  asm volatile("red.global.add.f32 [%0], %1;" ::"l"(__cvta_generic_to_global(to)), "f"(1.0f) : "memory");
}
__device__ void add_one(double* to) {
  asm volatile("red.global.add.f64 [%0], %1;" ::"l"(__cvta_generic_to_global(to)), "d"(1.0) : "memory");
}

template <class T>
__global__ void __launch_bounds__(block_threads)
    atomic_kernel(T* counters, std::uint32_t addresses, std::uint64_t additions) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x;
  const auto step = static_cast<std::uint32_t>(stride % addresses);
  auto address = static_cast<std::uint32_t>(i % addresses);
  for (; i < additions; i += stride) {
    add_one(counters + address);
    address = next_in_ring(address, step, addresses);
  }
}

}  // namespace

void launch_atomic_add(atomic_type type, void* counters, std::uint32_t addresses, std::uint64_t additions,
                       unsigned blocks, cudaStream_t stream) {
  switch (type) {
    case atomic_type::int32:
      atomic_kernel<<<blocks, block_threads, 0, stream>>>(static_cast<std::int32_t*>(counters), addresses, additions);
      return;
    case atomic_type::fp32:
      atomic_kernel<<<blocks, block_threads, 0, stream>>>(static_cast<float*>(counters), addresses, additions);
      return;
    case atomic_type::fp64:
      atomic_kernel<<<blocks, block_threads, 0, stream>>>(static_cast<double*>(counters), addresses, additions);
      return;
  }
}

cudaError_t atomic_blocks_per_multiprocessor(atomic_type type, int* blocks) {
  switch (type) {
    case atomic_type::fp32:
      return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, atomic_kernel<float>, block_threads, 0);
    case atomic_type::fp64:
      return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, atomic_kernel<double>, block_threads, 0);
    default:
      return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, atomic_kernel<std::int32_t>, block_threads, 0);
  }
}

}  // namespace gpubench::kernels
