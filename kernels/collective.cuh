#pragma once

#include "kernels/collective.hpp"

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

/// Fills a rank's operands: send_elements() elements. Errors are left to cudaGetLastError().
void launch_collective_fill(const collective_layout& layout, int rank, void* operands, cudaStream_t stream);

/// Adds to *wrong the number of the rank's receive_elements() elements that are not right.
void launch_collective_check(const collective_layout& layout, int rank, const void* result, unsigned long long* wrong,
                             cudaStream_t stream);

}  // namespace gpubench::kernels
