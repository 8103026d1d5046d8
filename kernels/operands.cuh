#pragma once

#include "kernels/operands.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// Fills `elements` elements of operand `matrix`, stored as `type`; of fp4 an even number. Errors are left to
/// cudaGetLastError().
void launch_operand_fill(storage type, void* values, std::uint64_t elements, std::uint64_t matrix, cudaStream_t stream);

/// Fills the scale_bytes() scales of an fp4 operand of `rows` rows of whole blocks; padding is zero.
void launch_fp4_scale_fill(std::uint8_t* scales, std::uint64_t rows, std::uint64_t row_elements, std::uint64_t matrix,
                           cudaStream_t stream);

}  // namespace gpubench::kernels
