#include "bench/cuda/module/memory_clock.hpp"

#include <cuda_runtime_api.h>

#include <array>
#include <cstdio>

namespace gpubench::cuda {

namespace {

int attribute_of(int device, cudaDeviceAttr attribute) {
  int value = 0;
  if (cudaDeviceGetAttribute(&value, attribute, device) == cudaSuccess) return value;
  cudaGetLastError();
  return 0;
}

}  // namespace

memory_clock memory_clock_of(int device) {
  return {attribute_of(device, cudaDevAttrMemoryClockRate), attribute_of(device, cudaDevAttrGlobalMemoryBusWidth)};
}

std::optional<double> bandwidth_bytes_per_second(const memory_clock& clock) {
  if (clock.kilohertz <= 0 || clock.bus_bits <= 0) return std::nullopt;
  return 2.0 * clock.kilohertz * 1e3 * clock.bus_bits / 8;
}

std::optional<std::string> bandwidth_text(const memory_clock& clock) {
  const auto bandwidth = bandwidth_bytes_per_second(clock);
  if (!bandwidth) return std::nullopt;
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%.1f GB/s: 2 transfers a clock at %d MHz on %d wires", *bandwidth / 1e9,
                clock.kilohertz / 1000, clock.bus_bits);
  return text.data();
}

}  // namespace gpubench::cuda
