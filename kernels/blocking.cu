#include "kernels/blocking.cuh"

namespace gpubench::kernels {

namespace {

__device__ unsigned long long device_time_ns() {
  unsigned long long now = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}

__global__ void blocking_kernel(blocking_flags* flags, unsigned long long timeout_ns) {
  const unsigned long long start = device_time_ns();
  while (flags->released == 0) {
    if (device_time_ns() - start > timeout_ns) {
      flags->timed_out = 1;
      __threadfence_system();
      return;
    }
  }
}

}  // namespace

void launch_blocking(blocking_flags* flags, unsigned long long timeout_ns, cudaStream_t stream) {
  blocking_kernel<<<1, 1, 0, stream>>>(flags, timeout_ns);
}

}  // namespace gpubench::kernels
