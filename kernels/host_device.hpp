#pragma once

/// Marks arithmetic that kernels and CPU tests share. C++17, as the kernels.
#ifdef __CUDACC__
#define GPUBENCH_HOST_DEVICE __host__ __device__
#else
#define GPUBENCH_HOST_DEVICE
#endif
