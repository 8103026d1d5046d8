#pragma once

/// Marks arithmetic that kernels and CPU tests share. C++17, as the kernels.
#ifdef __CUDACC__
#define GPUBENCH_HOST_DEVICE __host__ __device__
#else
#define GPUBENCH_HOST_DEVICE
#endif

/// Before a loop whose rounds a kernel must have side by side; other compilers know no such line.
#ifdef __CUDA_ARCH__
#define GPUBENCH_UNROLL _Pragma("unroll")
#else
#define GPUBENCH_UNROLL
#endif
