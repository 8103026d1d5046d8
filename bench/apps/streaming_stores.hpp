#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace gpubench::bench::apps {

/// What is streamed begins at a multiple of this.
inline constexpr std::int64_t streamed_bytes = 16;

/// Stores past the caches, where the processor can: what is overwritten is not fetched first, and nothing that is
/// needed sooner is pushed out.
/// @param from, to  aligned to streamed_bytes where `streamed`
template <bool streamed, std::int64_t count, class T>
[[gnu::always_inline]] inline void store(const T* from, T* to) {
#if defined(__SSE2__)
  if constexpr (streamed && count * sizeof(T) % streamed_bytes == 0) {
    constexpr std::int64_t width = streamed_bytes / static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t i = 0; i < count; i += width) {
      _mm_stream_ps(reinterpret_cast<float*>(to + i), _mm_load_ps(reinterpret_cast<const float*>(from + i)));
    }
    return;
  }
#endif
  std::memcpy(to, from, count * sizeof(T));
}

/// What this thread has streamed is there for threads that are synchronised with it afterwards.
inline void finish_streaming() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

}  // namespace gpubench::bench::apps
