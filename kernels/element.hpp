#pragma once

#include "kernels/host_device.hpp"
#include "kernels/operands.hpp"

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

#include <cstdint>

namespace gpubench::kernels {

/// Elements of activations and weights as they lie in memory; arithmetic on them is fp32.
struct half_element {
  std::uint16_t bits;
};
struct bfloat_element {
  std::uint16_t bits;
};

GPUBENCH_HOST_DEVICE inline float to_float(float value) {
  return value;
}
GPUBENCH_HOST_DEVICE inline float to_float(bfloat_element value) {
  return from_bf16(value.bits);
}
GPUBENCH_HOST_DEVICE inline float to_float(half_element value) {
#ifdef __CUDA_ARCH__
  return __half2float(__ushort_as_half(value.bits));
#else
  return from_fp16(value.bits);
#endif
}

/// Any float to fp16, to nearest, ties to even, with subnormal numbers; too large becomes infinite.
inline std::uint16_t round_to_fp16(float value) {
  const std::uint32_t bits = float_bits(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);  // from 65520 on
  if (magnitude < 0x38800000u) {                                                    // below 2^-14
    const float steps = float_of_bits(magnitude) * 16777216.0f;                     // of 2^-24, exact
    auto whole = static_cast<std::uint32_t>(steps);
    const float rest = steps - static_cast<float>(whole);
    if (rest > 0.5f || (rest == 0.5f && (whole & 1u) != 0)) ++whole;
    return static_cast<std::uint16_t>(sign | whole);
  }
  return static_cast<std::uint16_t>(sign | ((round_bits(magnitude, 13) - 0x38000000u) >> 13));
}

/// Rounds to the element's type, to nearest.
template <class T>
GPUBENCH_HOST_DEVICE inline T from_float(float value);
template <>
GPUBENCH_HOST_DEVICE inline float from_float<float>(float value) {
  return value;
}
template <>
GPUBENCH_HOST_DEVICE inline half_element from_float<half_element>(float value) {
#ifdef __CUDA_ARCH__
  return {__half_as_ushort(__float2half_rn(value))};
#else
  return {round_to_fp16(value)};
#endif
}
template <>
GPUBENCH_HOST_DEVICE inline bfloat_element from_float<bfloat_element>(float value) {
#ifdef __CUDA_ARCH__
  return {__bfloat16_as_ushort(__float2bfloat16_rn(value))};
#else
  // The rounding of finite values would carry a NaN's fraction into infinity.
  if (value != value) return {0x7fc0u};
  return {to_bf16(value)};
#endif
}

/// 16 bytes of elements: the widest load and store that every architecture has. At an address divisible by 16.
template <class T>
struct alignas(16) pack {
  static constexpr int size = 16 / static_cast<int>(sizeof(T));
  T values[static_cast<std::size_t>(size)];
};

template <class T>
GPUBENCH_HOST_DEVICE inline pack<T> load_pack(const T* from) {
  return *reinterpret_cast<const pack<T>*>(from);
}
template <class T>
GPUBENCH_HOST_DEVICE inline void store_pack(T* to, const pack<T>& values) {
  *reinterpret_cast<pack<T>*>(to) = values;
}

/// Calls body with an element of the type that `type` is stored as.
template <class Body>
void with_element(storage type, const Body& body) {
  if (type == storage::fp16) {
    body(half_element{});
  } else if (type == storage::bf16) {
    body(bfloat_element{});
  } else {
    body(0.0f);
  }
}

}  // namespace gpubench::kernels
