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
  upload_into(type, values, result.data(), stream);
  return result;
}

void upload_into(kernels::storage type, const std::vector<float>& values, void* to, cudaStream_t stream) {
  kernels::with_element(type, [&](auto element) {
    using T = decltype(element);
    std::vector<T> raw(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) raw[i] = kernels::from_float<T>(values[i]);
    GPUBENCH_CUDA(cudaMemcpyAsync(to, raw.data(), raw.size() * sizeof(T), cudaMemcpyHostToDevice, stream));
    wait_for(stream, "an upload");
  });
}

namespace {

/// @param copy  to(destination, bytes of an element)
template <class Copy>
std::vector<float> fetched(kernels::storage type, std::int64_t count, const Copy& copy) {
  std::vector<float> result(static_cast<std::size_t>(count));
  kernels::with_element(type, [&](auto element) {
    using T = decltype(element);
    std::vector<T> raw(static_cast<std::size_t>(count));
    copy(raw.data(), sizeof(T));
    for (std::size_t i = 0; i < raw.size(); ++i) result[i] = kernels::to_float(raw[i]);
  });
  return result;
}

}  // namespace

std::vector<float> fetch(kernels::storage type, const void* from, std::int64_t first, std::int64_t count) {
  return fetched(type, count, [&](void* to, std::size_t size) {
    const char* start = static_cast<const char*>(from) + static_cast<std::size_t>(first) * size;
    GPUBENCH_CUDA(cudaMemcpy(to, start, static_cast<std::size_t>(count) * size, cudaMemcpyDeviceToHost));
  });
}

std::vector<float> fetch_block(kernels::storage type, const void* from, const matrix_rows& in,
                               const matrix_block& block) {
  if (block.first_row < 0 || block.first_column < 0 || block.first_row + block.rows > in.rows ||
      block.first_column + block.columns > in.distance) {
    throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "a block outside its matrix");
  }
  return fetched(type, block.rows * block.columns, [&](void* to, std::size_t size) {
    const auto bytes = [&](std::int64_t elements) { return static_cast<std::size_t>(elements) * size; };
    const char* start = static_cast<const char*>(from) + bytes(block.first_row * in.distance + block.first_column);
    GPUBENCH_CUDA(cudaMemcpy2D(to, bytes(block.columns), start, bytes(in.distance), bytes(block.columns),
                               static_cast<std::size_t>(block.rows), cudaMemcpyDeviceToHost));
  });
}

}  // namespace gpubench::cuda
