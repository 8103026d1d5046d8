#include "kernels/stream.cuh"

#include <algorithm>

namespace gpubench::kernels {

namespace {

constexpr int helper_threads = 256;

/// One load or store of 16 bytes a thread and vector: the widest that every architecture has.
template <stream_operation operation, int vectors>
__global__ void stream_kernel(const double2* __restrict__ first, const double2* __restrict__ second,
                              double2* __restrict__ output, std::uint64_t pairs) {
  const std::uint64_t tile = static_cast<std::uint64_t>(blockDim.x) * vectors;
  for (std::uint64_t start = blockIdx.x * tile; start < pairs; start += gridDim.x * tile) {
    double2 x[vectors] = {};
    double2 y[vectors] = {};
    // All loads before the first store, so that they are in flight together.
#pragma unroll
    for (int v = 0; v < vectors; ++v) {
      const std::uint64_t i = start + threadIdx.x + static_cast<std::uint64_t>(v) * blockDim.x;
      if (i < pairs) {
        if constexpr (stream_arrays_read(operation) >= 1) x[v] = first[i];
        if constexpr (stream_arrays_read(operation) == 2) y[v] = second[i];
      }
    }
#pragma unroll
    for (int v = 0; v < vectors; ++v) {
      const std::uint64_t i = start + threadIdx.x + static_cast<std::uint64_t>(v) * blockDim.x;
      if (i < pairs) {
        output[i] = make_double2(stream_element<operation>(x[v].x, y[v].x), stream_element<operation>(x[v].y, y[v].y));
      }
    }
  }
}

/// Each block leaves its sum in output[blockIdx.x].
template <int vectors>
__global__ void read_kernel(const double2* __restrict__ first, double* __restrict__ output, std::uint64_t pairs) {
  const std::uint64_t tile = static_cast<std::uint64_t>(blockDim.x) * vectors;
  double sum = 0;
  for (std::uint64_t start = blockIdx.x * tile; start < pairs; start += gridDim.x * tile) {
    double2 x[vectors] = {};
#pragma unroll
    for (int v = 0; v < vectors; ++v) {
      const std::uint64_t i = start + threadIdx.x + static_cast<std::uint64_t>(v) * blockDim.x;
      if (i < pairs) x[v] = first[i];
    }
#pragma unroll
    for (int v = 0; v < vectors; ++v) sum += x[v].x + x[v].y;
  }
  __shared__ double partial[32];
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_down_sync(0xffffffffu, sum, offset);
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    double total = 0;
    for (unsigned warp = 0; warp < blockDim.x / 32; ++warp) total += partial[warp];
    output[blockIdx.x] = total;
  }
}

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

unsigned helper_blocks(std::uint64_t items) {
  const std::uint64_t wanted = (items + helper_threads - 1) / helper_threads;
  return static_cast<unsigned>(std::clamp<std::uint64_t>(wanted, 1, 8192));
}

using stream_function = void (*)(const double2*, const double2*, double2*, std::uint64_t);
using read_function = void (*)(const double2*, double*, std::uint64_t);

template <stream_operation operation>
stream_function stream_kernel_of(int vectors) {
  if (vectors == 4) return stream_kernel<operation, 4>;
  if (vectors == 2) return stream_kernel<operation, 2>;
  return stream_kernel<operation, 1>;
}

stream_function stream_kernel_of(stream_operation operation, int vectors) {
  switch (operation) {
    case stream_operation::copy:
      return stream_kernel_of<stream_operation::copy>(vectors);
    case stream_operation::scale:
      return stream_kernel_of<stream_operation::scale>(vectors);
    case stream_operation::add:
      return stream_kernel_of<stream_operation::add>(vectors);
    case stream_operation::triad:
      return stream_kernel_of<stream_operation::triad>(vectors);
    default:
      return stream_kernel_of<stream_operation::write>(vectors);
  }
}

read_function read_kernel_of(int vectors) {
  if (vectors == 4) return read_kernel<4>;
  if (vectors == 2) return read_kernel<2>;
  return read_kernel<1>;
}

}  // namespace

void launch_stream(stream_operation operation, const stream_arrays& arrays, const launch_shape& shape,
                   cudaStream_t stream) {
  const auto* first = reinterpret_cast<const double2*>(arrays.first);
  const std::uint64_t pairs = arrays.elements / 2;
  if (operation == stream_operation::read) {
    read_kernel_of(shape.vectors)<<<shape.blocks, shape.threads, 0, stream>>>(first, arrays.output, pairs);
    return;
  }
  stream_kernel_of(operation, shape.vectors)<<<shape.blocks, shape.threads, 0, stream>>>(
      first, reinterpret_cast<const double2*>(arrays.second), reinterpret_cast<double2*>(arrays.output), pairs);
}

void launch_stream_fill(double* values, std::uint64_t elements, unsigned array, cudaStream_t stream) {
  fill_kernel<<<helper_blocks(elements), helper_threads, 0, stream>>>(values, elements, array);
}

void launch_stream_check(stream_operation operation, const double* values, std::uint64_t elements,
                         unsigned long long* wrong, cudaStream_t stream) {
  check_kernel<<<helper_blocks(elements), helper_threads, 0, stream>>>(operation, values, elements, wrong);
}

void launch_read_back(const void* memory, std::uint64_t bytes, unsigned* sink, cudaStream_t stream) {
  const std::uint64_t vectors = bytes / sizeof(uint4);
  read_back_kernel<<<helper_blocks(vectors), helper_threads, 0, stream>>>(static_cast<const uint4*>(memory), vectors,
                                                                          sink);
}

const void* any_stream_kernel() {
  return reinterpret_cast<const void*>(&fill_kernel);
}

cudaError_t stream_blocks_per_multiprocessor(stream_operation operation, int threads, int vectors, int* blocks) {
  if (operation == stream_operation::read) {
    return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, read_kernel_of(vectors), threads, 0);
  }
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, stream_kernel_of(operation, vectors), threads, 0);
}

}  // namespace gpubench::kernels
