#pragma once

/// Marks arithmetic that kernels and CPU tests share. C++17: toolkits before CUDA 12 know no later standard.
#ifdef __CUDACC__
#define GPUBENCH_HOST_DEVICE __host__ __device__
#else
#define GPUBENCH_HOST_DEVICE
#endif
