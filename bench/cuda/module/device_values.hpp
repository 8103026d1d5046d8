#pragma once

#include "bench/cuda/module/owners.hpp"
#include "kernels/operands.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// Arrays of a type on the device, as floats on the host.
namespace gpubench::cuda {

std::size_t values_bytes(kernels::storage type, std::int64_t elements);

/// Device memory that holds these bytes when the call returns.
device_buffer uploaded(const void* from, std::size_t bytes, cudaStream_t stream);

/// Rounded to the type.
device_buffer uploaded_as(kernels::storage type, const std::vector<float>& values, cudaStream_t stream);
void upload_into(kernels::storage type, const std::vector<float>& values, const device_buffer& to, cudaStream_t stream);

/// Elements [first, first + count). What writes them must have ended.   @throws failure
std::vector<float> fetch(kernels::storage type, const void* from, std::int64_t first, std::int64_t count);

}  // namespace gpubench::cuda
