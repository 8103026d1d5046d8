#include "bench/cuda/module/benchmark.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/owners.hpp"
#include "kernels/stream.cuh"

namespace gpubench::cuda {

std::int64_t positive_parameter(const parameters& values, std::string_view name) {
  for (std::uint32_t i = 0; i < values.count; ++i) {
    if (name != values.values[i].name) continue;
    if (values.values[i].value >= 1) return values.values[i].value;
    throw failure(
        GPUBENCH_MODULE_INTERNAL_ERROR,
        "parameter " + std::string(name) + " is " + std::to_string(values.values[i].value) + "; it must be at least 1");
  }
  throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "parameter " + std::string(name) + " is missing");
}

std::optional<std::string> no_code_for(const device_properties& device) {
  const device_guard current(device.index);
  cudaFuncAttributes attributes{};
  const cudaError_t status = cudaFuncGetAttributes(&attributes, kernels::any_stream_kernel());
  if (status == cudaSuccess) return std::nullopt;
  cudaGetLastError();
  return "this build has no code for compute capability " + device.compute_capability + " (" +
         cudaGetErrorName(status) + "); build with CMAKE_CUDA_ARCHITECTURES=native on this machine";
}

}  // namespace gpubench::cuda
