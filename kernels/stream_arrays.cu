#include "kernels/grid_stride.cuh"
#include "kernels/stream.cuh"

namespace gpubench::kernels {

namespace {

__global__ void fill_kernel(double* values, std::uint64_t elements, unsigned array) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < elements; i += stride) {
    values[i] = stream_value(i, array);
  }
}

__global__ void check_kernel(stream_operation operation, const double* values, std::uint64_t elements,
                             unsigned long long* wrong) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  unsigned long long found = 0;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < elements; i += stride) {
    if (!(values[i] == stream_expected(operation, i))) ++found;
  }
  if (found != 0) atomicAdd(wrong, found);
}

__global__ void read_back_kernel(const uint4* memory, std::uint64_t vectors, unsigned* sink) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  unsigned seen = 0;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < vectors; i += stride) {
    const uint4 v = memory[i];
    seen |= v.x | v.y | v.z | v.w;
  }
  if (seen != 0) *sink = seen;
}

}  // namespace

void launch_stream_fill(double* values, std::uint64_t elements, unsigned array, cudaStream_t stream) {
  fill_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(elements)), grid_stride_threads, 0, stream>>>(
      values, elements, array);
}

void launch_stream_check(stream_operation operation, const double* values, std::uint64_t elements,
                         unsigned long long* wrong, cudaStream_t stream) {
  check_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(elements)), grid_stride_threads, 0, stream>>>(
      operation, values, elements, wrong);
}

void launch_read_back(const void* memory, std::uint64_t bytes, unsigned* sink, cudaStream_t stream) {
  const std::uint64_t vectors = bytes / sizeof(uint4);
  read_back_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(vectors)), grid_stride_threads, 0, stream>>>(
      static_cast<const uint4*>(memory), vectors, sink);
}

const void* any_stream_kernel() {
  return reinterpret_cast<const void*>(&fill_kernel);
}

}  // namespace gpubench::kernels
