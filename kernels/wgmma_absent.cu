// In the place of wgmma.cu where sm_90a is not built; the build says why.
#include "kernels/wgmma.cuh"

namespace gpubench::kernels {

const char* wgmma_absent() {
  return GPUBENCH_WGMMA_ABSENT;
}

void launch_wgmma(tensor_type, std::uint64_t*, std::uint32_t, std::uint32_t, cudaStream_t) {}

const void* wgmma_kernel_of(tensor_type) {
  return nullptr;
}

}  // namespace gpubench::kernels
