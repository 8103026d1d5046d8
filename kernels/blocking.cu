#include "kernels/blocking.cuh"
#include "kernels/device_time.cuh"

namespace gpubench::kernels {

namespace {

__global__ void blocking_kernel(blocking_flags* flags, unsigned long long timeout_ns) {
  const std::uint64_t start = device_time_ns();
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
