#include "bench/cuda/module/cudnn_sums.hpp"

#include "bench/cuda/module/cudnn_values.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <cmath>
#include <vector>

namespace gpubench::cuda::dnn {

bool adds_to_found_sums(const call& run, const device_buffer& sums, const device_buffer& result, element type,
                        cudaStream_t stream) {
  GPUBENCH_CUDA(cudaMemsetAsync(sums.data(), 0xff, sums.bytes(), stream));
  run.enqueue();
  wait_for(stream, "a run on sums that were not zeroed");
  const auto value_bytes = static_cast<std::size_t>(bytes_of(type));
  std::vector<unsigned char> found(result.bytes());
  GPUBENCH_CUDA(cudaMemcpy(found.data(), result.data(), found.size(), cudaMemcpyDeviceToHost));
  for (std::size_t at = 0; at + value_bytes <= found.size(); at += value_bytes) {
    if (std::isnan(stored_value(type, found.data() + at))) return true;
  }
  return false;
}

}  // namespace gpubench::cuda::dnn
