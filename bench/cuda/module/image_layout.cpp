#include "bench/cuda/module/image_layout.hpp"

#include <cstddef>

namespace gpubench::cuda {

std::vector<float> channels_to_the_end(const float* values, std::int64_t outer, std::int64_t channels,
                                       std::int64_t places, std::int64_t stored) {
  std::vector<float> result(static_cast<std::size_t>(outer * places * stored));
  for (std::int64_t o = 0; o < outer; ++o) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < places; ++p) {
        result[static_cast<std::size_t>((o * places + p) * stored + c)] = values[(o * channels + c) * places + p];
      }
    }
  }
  return result;
}

std::vector<float> channels_to_the_front(const std::vector<float>& values, std::int64_t outer, std::int64_t channels,
                                         std::int64_t places, std::int64_t stored) {
  std::vector<float> result(static_cast<std::size_t>(outer * channels * places));
  for (std::int64_t o = 0; o < outer; ++o) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < places; ++p) {
        result[static_cast<std::size_t>((o * channels + c) * places + p)] =
            values[static_cast<std::size_t>((o * places + p) * stored + c)];
      }
    }
  }
  return result;
}

}  // namespace gpubench::cuda
