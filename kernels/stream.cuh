#pragma once

#include "kernels/launch.hpp"
#include "kernels/stream.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// Device arrays of one streaming case; `elements` is even and at least 2. What an operation does not use may be null.
struct stream_arrays {
  const double* first = nullptr;
  const double* second = nullptr;
  double* output = nullptr;  ///< of `elements`; of an operation that leaves a sum, one partial sum a block
  std::uint64_t elements = 0;
};

/// Starts an operation on a stream. Errors are left to cudaGetLastError().
void launch_stream(stream_operation operation, const stream_arrays& arrays, const launch_shape& shape,
                   cudaStream_t stream);

/// Settings of a shape's kernel, once before its launches: bulk access wants all shared memory that there is.
cudaError_t prepare_stream_kernel(stream_operation operation, const launch_shape& shape);

/// Blocks of a streaming kernel that fit one multiprocessor at once.
cudaError_t stream_blocks_per_multiprocessor(stream_operation operation, const launch_shape& shape, int* blocks);

/// Stores the architecture that the code running on the device was compiled for, as in __CUDA_ARCH__: 900. PTX of an
/// older one may run on a newer device, and knows nothing of bulk copies.
void launch_architecture(int* architecture, cudaStream_t stream);

/// Fills an array with stream_value(i, array).
void launch_stream_fill(double* values, std::uint64_t elements, unsigned array, cudaStream_t stream);

/// Adds to *wrong the number of elements of `values` that differ from the closed form of an operation. NaN differs.
void launch_stream_check(stream_operation operation, const double* values, std::uint64_t elements,
                         unsigned long long* wrong, cudaStream_t stream);

/// Reads `bytes` (a multiple of 16) and stores into *sink only if they contain a value that is never there: a read
/// that the compiler cannot drop and that writes nothing. Used to clean a cache.
void launch_read_back(const void* memory, std::uint64_t bytes, unsigned* sink, cudaStream_t stream);

/// A kernel of this family, for asking whether the module has code for a device (cudaFuncGetAttributes).
const void* any_stream_kernel();

}  // namespace gpubench::kernels
