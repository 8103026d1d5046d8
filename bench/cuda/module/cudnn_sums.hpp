#pragma once

#include "bench/cuda/module/cudnn_plan.hpp"

namespace gpubench::cuda::dnn {

/// Whether an engine adds to sums as it finds them in memory, so that they must be zeroed before each run: NaNs there
/// then come through to the result. Some zero them themselves, and PyTorch leaves it to those. Runs the call once.
/// @param result  of a floating type; any NaN of another origin is taken for one of the sums, which costs no more than
/// time
bool adds_to_found_sums(const call& run, const device_buffer& sums, const device_buffer& result, element type,
                        cudaStream_t stream);

}  // namespace gpubench::cuda::dnn
