#pragma once

#include "kernels/scene.hpp"

#include <cstdint>
#include <cstring>

// How a node's lanes are held while their boxes are tested: on a GPU one after the other, on a CPU four to a vector of
// GCC and Clang, which every x86-64 and AArch64 has. The test itself is one template over both.
#if defined(__GNUC__) && !defined(__CUDACC__)
#define GPUBENCH_LANE_VECTORS 1
#ifdef __SSE__
#include <xmmintrin.h>
#endif
#else
#define GPUBENCH_LANE_VECTORS 0
#endif

namespace gpubench::kernels {

#if GPUBENCH_LANE_VECTORS

inline constexpr int lanes_at_once = 4;
using lanes = float __attribute__((vector_size(16)));
using lane_mask = std::int32_t __attribute__((vector_size(16)));

inline lanes load(const float* from) {
  lanes values;
  std::memcpy(&values, from, sizeof(values));
  return values;
}

/// Bit i is set where the sign of element i is: where a comparison held.
inline std::uint32_t bits_of(lane_mask mask) {
#ifdef __SSE__
  return static_cast<std::uint32_t>(_mm_movemask_ps(reinterpret_cast<__m128>(mask)));
#else
  std::uint32_t bits = 0;
  for (int i = 0; i < lanes_at_once; ++i) bits |= (mask[i] != 0 ? 1U : 0U) << i;
  return bits;
#endif
}

inline void store(float* to, lanes values) {
  std::memcpy(to, &values, sizeof(values));
}

#else

inline constexpr int lanes_at_once = 1;
using lanes = float;

GPUBENCH_HOST_DEVICE inline lanes load(const float* from) {
  return *from;
}

GPUBENCH_HOST_DEVICE inline std::uint32_t bits_of(bool holds) {
  return holds ? 1U : 0U;
}

GPUBENCH_HOST_DEVICE inline void store(float* to, lanes value) {
  *to = value;
}

#endif

}  // namespace gpubench::kernels
