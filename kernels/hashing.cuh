#pragma once

#include "kernels/hashing.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// The checksums of `runs` runs of hashes_per_checksum hashes each, of the nonces from 0 on: one block a run. Errors are
/// left to cudaGetLastError().
void launch_hashing(hash_algorithm algorithm, const hash_header& header, unsigned long long* checksums,
                    std::uint32_t runs, cudaStream_t stream);

}  // namespace gpubench::kernels
