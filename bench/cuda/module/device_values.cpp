#include "bench/cuda/module/device_values.hpp"

#include "bench/cuda/module/watchdog.hpp"
#include "kernels/element.hpp"

namespace gpubench::cuda {

std::size_t values_bytes(kernels::storage type, std::int64_t elements) {
  return static_cast<std::size_t>(elements) * static_cast<std::size_t>(kernels::bytes_of(type));
}

device_buffer uploaded(const void* from, std::size_t bytes, cudaStream_t stream) {
  device_buffer result(bytes);
  GPUBENCH_CUDA(cudaMemcpyAsync(result.data(), from, bytes, cudaMemcpyHostToDevice, stream));
  wait_for(stream, "an upload");
  return result;
}

device_buffer uploaded_as(kernels::storage type, const std::vector<float>& values, cudaStream_t stream) {
  device_buffer result(values_bytes(type, static_cast<std::int64_t>(values.size())));
  upload_into(type, values, result, stream);
  return result;
}

void upload_into(kernels::storage type, const std::vector<float>& values, const device_buffer& to,
                 cudaStream_t stream) {
  kernels::with_element(type, [&](auto element) {
    using T = decltype(element);
    std::vector<T> raw(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) raw[i] = kernels::from_float<T>(values[i]);
    GPUBENCH_CUDA(cudaMemcpyAsync(to.data(), raw.data(), raw.size() * sizeof(T), cudaMemcpyHostToDevice, stream));
    wait_for(stream, "an upload");
  });
}

std::vector<float> fetch(kernels::storage type, const void* from, std::int64_t first, std::int64_t count) {
  std::vector<float> result(static_cast<std::size_t>(count));
  kernels::with_element(type, [&](auto element) {
    using T = decltype(element);
    std::vector<T> raw(static_cast<std::size_t>(count));
    GPUBENCH_CUDA(
        cudaMemcpy(raw.data(), static_cast<const T*>(from) + first, raw.size() * sizeof(T), cudaMemcpyDeviceToHost));
    for (std::size_t i = 0; i < raw.size(); ++i) result[i] = kernels::to_float(raw[i]);
  });
  return result;
}

}  // namespace gpubench::cuda
