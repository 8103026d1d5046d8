#include "kernels/count.cuh"

namespace gpubench::kernels {

namespace {

__global__ void count_kernel(unsigned long long* counter) {
  atomicAdd(counter, 1ULL);
}

}  // namespace

void launch_count(unsigned long long* counter, cudaStream_t stream) {
  count_kernel<<<1, 1, 0, stream>>>(counter);
}

}  // namespace gpubench::kernels
