#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace gpubench::reference {

/// 64 bits that depend on seed and index only, so that every operand can be made again anywhere.
/// Source: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
inline std::uint64_t hash_of(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = (index + 1 + (seed << 32)) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// Calls work(begin, end) for parts of [0, size) on all threads.
template <class Work>
void for_parts(std::size_t size, const Work& work) {
  constexpr std::size_t part = 65536;
  const auto parts = static_cast<std::int64_t>((size + part - 1) / part);
#pragma omp parallel for schedule(static)
  for (std::int64_t p = 0; p < parts; ++p) {
    const std::size_t begin = static_cast<std::size_t>(p) * part;
    work(begin, std::min(size, begin + part));
  }
}

/// Fills with all threads: uniform in [-scale, scale].
void fill_uniform(float* data, std::size_t size, std::uint64_t seed, float scale = 1);
void fill_uniform(double* data, std::size_t size, std::uint64_t seed, double scale = 1);

}  // namespace gpubench::reference
