#pragma once

#include "kernels/equihash.hpp"

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

/// One run of the solver, of a shape that with_equihash_shape() has. Errors are left to cudaGetLastError().
/// @param memory  of equihash_layout<Shape>::bytes on the device, aligned to 256 bytes; the solutions and their number
///                are left where the layout says, unordered
template <class Shape>
void launch_equihash(const equihash_input& input, void* memory, cudaStream_t stream);

}  // namespace gpubench::kernels
