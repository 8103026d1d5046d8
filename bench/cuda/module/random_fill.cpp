#include "bench/cuda/module/random_fill.hpp"

#include "bench/cuda/module/failure.hpp"
#include "kernels/transformer.cuh"

namespace gpubench::cuda {

void enqueue_fill(kernels::storage type, void* values, std::int64_t elements, const random_fill& how,
                  cudaStream_t stream) {
  kernels::launch_spread_fill(type, values, static_cast<std::uint64_t>(elements), how.operand, how.centre, how.spread,
                              stream);
  GPUBENCH_CUDA(cudaGetLastError());
}

}  // namespace gpubench::cuda
