#pragma once

#include "kernels/operands.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// Fills `elements` elements of operand `matrix`, stored as `type`. Errors are left to cudaGetLastError().
void launch_operand_fill(storage type, void* values, std::uint64_t elements, std::uint64_t matrix, cudaStream_t stream);

}  // namespace gpubench::kernels
