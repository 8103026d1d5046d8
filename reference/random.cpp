#include "reference/random.hpp"

#include "reference/vector_clones.hpp"

namespace gpubench::reference {
namespace {

// Leaf loops, so that each can have several versions.
GPUBENCH_VECTOR_CLONES void fill_range(float* data, std::size_t begin, std::size_t end, std::uint64_t seed,
                                       float scale) {
  const float step = scale * 0x1p-23F;
  for (std::size_t i = begin; i < end; ++i) {
    const auto bits = static_cast<std::int32_t>(hash_of(seed, i) >> 40);
    data[i] = static_cast<float>(bits - 0x800000) * step;
  }
}

GPUBENCH_VECTOR_CLONES void fill_range(double* data, std::size_t begin, std::size_t end, std::uint64_t seed,
                                       double scale) {
  const double step = scale * 0x1p-31;
  for (std::size_t i = begin; i < end; ++i) {
    const auto bits = static_cast<std::int64_t>(hash_of(seed, i) >> 32);
    data[i] = static_cast<double>(bits - 0x80000000LL) * step;
  }
}

}  // namespace

void fill_uniform(float* data, std::size_t size, std::uint64_t seed, float scale) {
  for_parts(size, [=](std::size_t b, std::size_t e) { fill_range(data, b, e, seed, scale); });
}

void fill_uniform(double* data, std::size_t size, std::uint64_t seed, double scale) {
  for_parts(size, [=](std::size_t b, std::size_t e) { fill_range(data, b, e, seed, scale); });
}

}  // namespace gpubench::reference
