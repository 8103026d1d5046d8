#pragma once

#include <cuda_runtime_api.h>

#include <chrono>
#include <functional>
#include <string>

namespace gpubench::cuda {

enum class wait_outcome { done, hung, failed };

/// Asks until the answer is no longer cudaErrorNotReady or `limit` has passed. Asks without pause for the first
/// milliseconds, so that short work is noticed at once, then at growing distances.
/// @param status  the last answer
wait_outcome wait_until(const std::function<cudaError_t()>& ask, const std::function<std::chrono::nanoseconds()>& now,
                        const std::function<void(std::chrono::nanoseconds)>& pause, std::chrono::nanoseconds limit,
                        cudaError_t& status);

/// How long device work may take before it counts as hung: 60 s, or $GPUBENCH_WATCHDOG_SECONDS.
std::chrono::nanoseconds watchdog_limit();

/// cudaStreamQuery() without its trace: the runtime keeps cudaErrorNotReady as its last error, where the next check of
/// a launch would find it.
cudaError_t stream_state(cudaStream_t stream);

/// Waits for all work on a stream.
/// @param what  names the work in the error: "all_reduce of 8 GiB on 8 devices"
/// @throws failure: hung when the limit passes; as GPUBENCH_CUDA otherwise.
void wait_for(cudaStream_t stream, const std::string& what);

}  // namespace gpubench::cuda
