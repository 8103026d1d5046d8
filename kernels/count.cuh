#pragma once

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

/// Starts one thread that adds 1 to *counter and does not wait for it: as good as empty, and yet proof that it ran.
/// Errors are left to cudaGetLastError().
void launch_count(unsigned long long* counter, cudaStream_t stream);

}  // namespace gpubench::kernels
