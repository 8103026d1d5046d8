#include "kernels/collective.cuh"
#include "kernels/grid_stride.cuh"

namespace gpubench::kernels {

namespace {

__global__ void fill_kernel(collective_layout layout, int rank, void* operands, std::uint64_t elements) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < elements; i += stride) {
    store_bits(layout.type, operands, i, operand_bits(layout, rank, i));
  }
}

__global__ void check_kernel(collective_layout layout, int rank, const void* result, std::uint64_t elements,
                             unsigned long long* wrong) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  unsigned long long found = 0;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < elements; i += stride) {
    if (!is_right(layout, rank, i, load_bits(layout.type, result, i))) ++found;
  }
  if (found != 0) atomicAdd(wrong, found);
}

}  // namespace

void launch_collective_fill(const collective_layout& layout, int rank, void* operands, cudaStream_t stream) {
  const std::uint64_t elements = send_elements(layout);
  fill_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(elements)), grid_stride_threads, 0, stream>>>(
      layout, rank, operands, elements);
}

void launch_collective_check(const collective_layout& layout, int rank, const void* result, unsigned long long* wrong,
                             cudaStream_t stream) {
  const std::uint64_t elements = receive_elements(layout);
  check_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(elements)), grid_stride_threads, 0, stream>>>(
      layout, rank, result, elements, wrong);
}

}  // namespace gpubench::kernels
