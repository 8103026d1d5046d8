#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

/// Arithmetic on `Word`s, each one integer (GPU, tests) or a GNU vector of integers, one a lane (CPU): the same
/// functions hash one message or as many as a vector has lanes. Forced in line, since vectors must not be passed
/// between functions of different instruction sets.
#if defined(__CUDACC__)
#define GPUBENCH_INLINE __host__ __device__ __forceinline__
#else
#define GPUBENCH_INLINE [[gnu::always_inline]] inline
#endif

namespace gpubench::kernels {

/// @param bits   1 to width - 1
/// @tparam width  bits of a word, or of each lane
template <int bits, int width, class Word>
GPUBENCH_INLINE void rotate_right(Word& word) {
  word = (word >> bits) | (word << (width - bits));
}

#if defined(__GNUC__) && !defined(__CUDACC__)
/// `lanes` integers side by side.
template <class Integer, int lanes>
struct lanes_of {
  typedef Integer type __attribute__((vector_size(sizeof(Integer) * lanes)));
};
#endif

}  // namespace gpubench::kernels
