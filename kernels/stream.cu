#include "kernels/block_sum.cuh"
#include "kernels/stream.cuh"

namespace gpubench::kernels {

namespace {

using function = void (*)(const double2*, const double2*, double2*, std::uint64_t);

template <memory_access access>
__device__ double2 load(const double2* from) {
  if constexpr (access == memory_access::streaming) {
    return __ldcs(from);
  } else {
    return *from;
  }
}

template <memory_access access>
__device__ void store(double2* to, double2 value) {
  if constexpr (access == memory_access::streaming) {
    __stcs(to, value);
  } else {
    *to = value;
  }
}

/// One tile; returns what this thread adds to the block's sum. Only the last tile of an array is not `whole`.
template <stream_operation operation, int vectors, memory_access access, bool whole>
__device__ double stream_tile(const double2* __restrict__ first, const double2* __restrict__ second,
                              double2* __restrict__ output, std::uint64_t start, std::uint64_t pairs) {
  double2 x[vectors] = {};
  double2 y[vectors] = {};
  // All loads before the first store, so that they are in flight together.
#pragma unroll
  for (int v = 0; v < vectors; ++v) {
    const std::uint64_t i = start + threadIdx.x + static_cast<std::uint64_t>(v) * blockDim.x;
    if (whole || i < pairs) {
      if constexpr (stream_arrays_read(operation) >= 1) x[v] = load<access>(first + i);
      if constexpr (stream_arrays_read(operation) == 2) y[v] = load<access>(second + i);
    }
  }
  double sum = 0;
#pragma unroll
  for (int v = 0; v < vectors; ++v) {
    const double2 result =
        make_double2(stream_element<operation>(x[v].x, y[v].x), stream_element<operation>(x[v].y, y[v].y));
    if constexpr (leaves_a_sum(operation)) {
      sum += result.x + result.y;  // beyond the array's end the loads above left zeros
    } else {
      const std::uint64_t i = start + threadIdx.x + static_cast<std::uint64_t>(v) * blockDim.x;
      if (whole || i < pairs) store<access>(output + i, result);
    }
  }
  return sum;
}

template <stream_operation operation, int vectors, memory_access access>
__global__ void __launch_bounds__(most_threads(vectors))
    stream_kernel(const double2* __restrict__ first, const double2* __restrict__ second, double2* __restrict__ output,
                  std::uint64_t pairs) {
  const std::uint64_t tile = static_cast<std::uint64_t>(blockDim.x) * vectors;
  double sum = 0;
  for (std::uint64_t start = blockIdx.x * tile; start < pairs; start += gridDim.x * tile) {
    if (start + tile <= pairs) {
      sum += stream_tile<operation, vectors, access, true>(first, second, output, start, pairs);
    } else {
      sum += stream_tile<operation, vectors, access, false>(first, second, output, start, pairs);
    }
  }
  if constexpr (leaves_a_sum(operation)) {
    const double total = last_block_sum(sum);
    if (threadIdx.x == 0) reinterpret_cast<double*>(output)[blockIdx.x] = total;
  }
}

/// One tile a block: the first thread has the inputs copied to shared memory, and all wait for the bytes to arrive. Who
/// waits needs no registers for what is in flight, so more of it can be. Copies and barrier: PTX ISA, "cp.async.bulk"
/// and "mbarrier".
template <stream_operation operation, int vectors>
__global__ void __launch_bounds__(most_threads(vectors))
    bulk_kernel(const double2* __restrict__ first, const double2* __restrict__ second, double2* __restrict__ output,
                std::uint64_t pairs) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  extern __shared__ __align__(128) double2 staged[];
  __shared__ std::uint64_t barrier;
  constexpr int arrays = stream_arrays_read(operation);
  const unsigned tile = blockDim.x * vectors;
  const std::uint64_t start = blockIdx.x * static_cast<std::uint64_t>(tile);
  const unsigned count = static_cast<unsigned>(pairs - start < tile ? pairs - start : tile);
  const auto barrier_address = static_cast<unsigned>(__cvta_generic_to_shared(&barrier));
  if (threadIdx.x == 0) {
    const unsigned bytes = count * static_cast<unsigned>(sizeof(double2));
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(barrier_address) : "memory");
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    asm volatile("mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 _, [%0], %1;" ::"r"(barrier_address),
                 "r"(bytes * arrays)
                 : "memory");
#pragma unroll
    for (int array = 0; array < arrays; ++array) {
      const auto to = static_cast<unsigned>(__cvta_generic_to_shared(staged + array * tile));
      const auto from = __cvta_generic_to_global((array == 0 ? first : second) + start);
      asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(to),
                   "l"(from), "r"(bytes), "r"(barrier_address)
                   : "memory");
    }
  }
  __syncthreads();
  // Gives up after far longer than a copy takes: a wrong result that the check finds is better than a device that
  // hangs.
  constexpr int most_tries = 1 << 16;
  unsigned arrived = 0;
  for (int tries = 0; arrived == 0 && tries < most_tries; ++tries) {
    asm volatile(
        "{\n"
        ".reg .pred complete;\n"
        "mbarrier.try_wait.parity.shared::cta.b64 complete, [%1], 0;\n"
        "selp.u32 %0, 1, 0, complete;\n"
        "}\n"
        : "=r"(arrived)
        : "r"(barrier_address)
        : "memory");
  }
  double sum = 0;
#pragma unroll
  for (int v = 0; v < vectors; ++v) {
    const unsigned i = threadIdx.x + static_cast<unsigned>(v) * blockDim.x;
    if (i < count) {
      const double2 x = staged[i];
      const double2 y = arrays == 2 ? staged[tile + i] : double2{};
      const double2 result = make_double2(stream_element<operation>(x.x, y.x), stream_element<operation>(x.y, y.y));
      if constexpr (leaves_a_sum(operation)) {
        sum += result.x + result.y;
      } else {
        output[start + i] = result;
      }
    }
  }
  if constexpr (leaves_a_sum(operation)) {
    const double total = last_block_sum(sum);
    if (threadIdx.x == 0) reinterpret_cast<double*>(output)[blockIdx.x] = total;
  }
#endif
}

template <stream_operation operation, int vectors>
function kernel_of(memory_access access) {
  // Nothing to copy in: `write` has no bulk form.
  if constexpr (stream_arrays_read(operation) > 0) {
    if (access == memory_access::bulk) return bulk_kernel<operation, vectors>;
  }
  if (access == memory_access::streaming) return stream_kernel<operation, vectors, memory_access::streaming>;
  return stream_kernel<operation, vectors, memory_access::cached>;
}

template <stream_operation operation>
function kernel_of(const launch_shape& shape) {
  switch (shape.vectors) {
    case 8:
      return kernel_of<operation, 8>(shape.access);
    case 4:
      return kernel_of<operation, 4>(shape.access);
    case 2:
      return kernel_of<operation, 2>(shape.access);
    default:
      return kernel_of<operation, 1>(shape.access);
  }
}

function kernel_of(stream_operation operation, const launch_shape& shape) {
  switch (operation) {
    case stream_operation::copy:
      return kernel_of<stream_operation::copy>(shape);
    case stream_operation::scale:
      return kernel_of<stream_operation::scale>(shape);
    case stream_operation::add:
      return kernel_of<stream_operation::add>(shape);
    case stream_operation::triad:
      return kernel_of<stream_operation::triad>(shape);
    case stream_operation::read:
      return kernel_of<stream_operation::read>(shape);
    case stream_operation::dot:
      return kernel_of<stream_operation::dot>(shape);
    default:
      return kernel_of<stream_operation::write>(shape);
  }
}

std::uint32_t shared_bytes(stream_operation operation, const launch_shape& shape) {
  if (shape.access != memory_access::bulk) return 0;
  return staged_bytes(stream_arrays_read(operation), shape.threads, shape.vectors);
}

__global__ void architecture_kernel(int* architecture) {
#ifdef __CUDA_ARCH__
  *architecture = __CUDA_ARCH__;
#endif
}

}  // namespace

void launch_stream(stream_operation operation, const stream_arrays& arrays, const launch_shape& shape,
                   cudaStream_t stream) {
  kernel_of(operation, shape)<<<shape.blocks, shape.threads, shared_bytes(operation, shape), stream>>>(
      reinterpret_cast<const double2*>(arrays.first), reinterpret_cast<const double2*>(arrays.second),
      reinterpret_cast<double2*>(arrays.output), arrays.elements / 2);
}

cudaError_t prepare_stream_kernel(stream_operation operation, const launch_shape& shape) {
  if (shape.access != memory_access::bulk) return cudaSuccess;
  return cudaFuncSetAttribute(kernel_of(operation, shape), cudaFuncAttributePreferredSharedMemoryCarveout,
                              cudaSharedmemCarveoutMaxShared);
}

cudaError_t stream_blocks_per_multiprocessor(stream_operation operation, const launch_shape& shape, int* blocks) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, kernel_of(operation, shape), shape.threads,
                                                       shared_bytes(operation, shape));
}

void launch_architecture(int* architecture, cudaStream_t stream) {
  architecture_kernel<<<1, 1, 0, stream>>>(architecture);
}

}  // namespace gpubench::kernels
