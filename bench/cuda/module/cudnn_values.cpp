#include "bench/cuda/module/cudnn_values.hpp"

#include "kernels/operands.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace gpubench::cuda::dnn {

namespace {

template <class T>
T copied(const void* at) {
  T found{};
  std::memcpy(&found, at, sizeof found);
  return found;
}

}  // namespace

double stored_value(element type, const void* at) {
  switch (type) {
    case element::fp32:
      return copied<float>(at);
    case element::fp16:
      return kernels::from_fp16(copied<std::uint16_t>(at));
    case element::bf16:
      return kernels::from_bf16(copied<std::uint16_t>(at));
    case element::int8:
      return copied<std::int8_t>(at);
    default:
      return std::nan("");
  }
}

}  // namespace gpubench::cuda::dnn
