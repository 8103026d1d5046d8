#pragma once

#include "bench/cuda/module/nccl.hpp"

#include <cuda_runtime_api.h>
#include <nccl.h>

namespace gpubench::cuda {

/// Enqueues one rank's part of a collective. Between the start and the end of a group, as point-to-point collectives
/// are several sends and receives.
/// @throws failure: device lost or device error
void call_collective(const kernels::collective_layout& layout, int rank, const rank_memory& memory,
                     ncclComm_t communicator, cudaStream_t stream);

}  // namespace gpubench::cuda
