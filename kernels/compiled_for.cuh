#pragma once

namespace gpubench::kernels {

/// Compute capability that device code is being compiled for, as 900; 0 in host code.
#ifdef __CUDA_ARCH__
inline constexpr int compiled_for = __CUDA_ARCH__;
#else
inline constexpr int compiled_for = 0;
#endif

}  // namespace gpubench::kernels
