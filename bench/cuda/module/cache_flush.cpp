#include "bench/cuda/module/cache_flush.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/timing_rules.hpp"
#include "kernels/stream.cuh"

namespace gpubench::cuda {

cache_flush::cache_flush(double l2_bytes) : filler_(flush_bytes(l2_bytes)), sink_(sizeof(unsigned)) {}

void cache_flush::enqueue(cudaStream_t stream) const {
  GPUBENCH_CUDA(cudaMemsetAsync(filler_.data(), 0, filler_.bytes(), stream));
  kernels::launch_read_back(filler_.data(), filler_.bytes(), sink_.as<unsigned>(), stream);
  GPUBENCH_CUDA(cudaGetLastError());
}

}  // namespace gpubench::cuda
