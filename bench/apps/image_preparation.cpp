#include "bench/apps/image_preparation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/random.hpp"
#include "reference/vector_clones.hpp"

namespace gpubench::bench::apps {
namespace {

GPUBENCH_VECTOR_CLONES void weigh_rows(const std::uint8_t* rows, std::size_t stride, const float* weights, int taps,
                                       std::size_t count, float* sum) {
  std::fill(sum, sum + count, 0.0F);
  for (int tap = 0; tap < taps; ++tap) {
    const std::uint8_t* const row = rows + static_cast<std::size_t>(tap) * stride;
    const float weight = weights[tap];
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) sum[i] += weight * static_cast<float>(row[i]);
  }
}

void weigh_pixels(const float* row, const axis_weights& across, float* red, float* green, float* blue) {
  for (std::size_t x = 0; x < prepared_side; ++x) {
    const float* pixel = row + 3 * across.first[x];
    const float* const weights = across.weights.data() + x * static_cast<std::size_t>(across.taps);
    float sum[3] = {};
    for (int tap = 0; tap < across.taps; ++tap, pixel += 3) {
      for (int c = 0; c < 3; ++c) sum[c] += weights[tap] * pixel[c];
    }
    red[x] = (sum[0] / 255 - channel_mean[0]) / channel_deviation[0];
    green[x] = (sum[1] / 255 - channel_mean[1]) / channel_deviation[1];
    blue[x] = (sum[2] / 255 - channel_mean[2]) / channel_deviation[2];
  }
}

/// Centre, in pixels of the source, of pixel `i` of the middle of the resized axis.
double centre_of(int i, int pixels, double scale) {
  return (i + 0.5 + (pixels / scale - prepared_side) / 2) * scale;
}

}  // namespace

axis_weights weights_of(int pixels, int shorter) {
  const double scale = static_cast<double>(shorter) / resized_side, reach = std::max(1.0, scale);
  axis_weights result;
  result.taps = std::min(pixels, static_cast<int>(std::ceil(2 * reach)) + 1);
  for (int i = 0; i < prepared_side; ++i) {
    const double centre = centre_of(i, pixels, scale);
    const int first = std::clamp(static_cast<int>(std::floor(centre - reach)), 0, pixels - result.taps);
    result.first.push_back(first);
    std::vector<double> weights;
    double sum = 0;
    for (int tap = 0; tap < result.taps; ++tap) {
      weights.push_back(std::max(0.0, 1 - std::abs(first + tap + 0.5 - centre) / reach));
      sum += weights.back();
    }
    for (const double weight : weights) result.weights.push_back(static_cast<float>(weight / sum));
  }
  return result;
}

image_preparation::image_preparation(int width, int height)
    : width_(width),
      across_(weights_of(width, std::min(width, height))),
      down_(weights_of(height, std::min(width, height))),
      row_(static_cast<std::size_t>(width) * 3) {}

void image_preparation::prepare(const rgb_image& image, float* prepared) {
  // Down first: rows lie side by side, so that this half, the larger one, is vectors.
  for (std::size_t y = 0; y < prepared_side; ++y) {
    weigh_rows(image.row(down_.first[y]), image.stride(),
               down_.weights.data() + y * static_cast<std::size_t>(down_.taps), down_.taps,
               static_cast<std::size_t>(width_) * 3, row_.data());
    float* const red = prepared + y * prepared_side;
    weigh_pixels(row_.data(), across_, red, red + prepared_values / 3, red + 2 * (prepared_values / 3));
  }
}

rgb_image photograph_like(int width, int height, std::uint64_t seed) {
  rgb_image image{width, height, {}};
  image.pixels.resize(image.stride() * static_cast<std::size_t>(height));
  // Noise on a lattice, smoothed between its points; amplitudes halve as lattices double, roughly as in photographs.
  std::uint64_t lattices = seed << 8;
  const auto value = [](std::uint64_t lattice, int x, int y) {
    return static_cast<double>(
               reference::hash_of(lattice, static_cast<std::uint64_t>(y) << 32 | static_cast<std::uint64_t>(x)) >> 40) /
               (1 << 23) -
           1;
  };
  std::vector<double> sums(image.pixels.size(), 128);
  for (int cell = 128; cell >= 1; cell /= 2) {
    const double amplitude = 60 * std::pow(cell / 128.0, 0.3);
    for (std::size_t c = 0; c < 3; ++c) {
      ++lattices;
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          const double u = static_cast<double>(x % cell) / cell, v = static_cast<double>(y % cell) / cell;
          const int i = x / cell, j = y / cell;
          // Brightness varies more than colour.
          const double share = c == 0 ? 1 : 0.3;
          const double noise = (value(lattices, i, j) * (1 - u) + value(lattices, i + 1, j) * u) * (1 - v) +
                               (value(lattices, i, j + 1) * (1 - u) + value(lattices, i + 1, j + 1) * u) * v;
          const std::size_t at =
              (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * 3;
          for (std::size_t channel = 0; channel < 3; ++channel) {
            if (c == 0 || channel == c) sums[at + channel] += share * amplitude * noise;
          }
        }
      }
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(std::clamp(std::lround(sums[i]), 0L, 255L));
  }
  return image;
}

double preparation_error(const rgb_image& source, const float* prepared) {
  const double scale = std::min(source.width, source.height) / static_cast<double>(resized_side);
  const double reach = std::max(1.0, scale);
  double squares = 0;
  for (int y = 0; y < prepared_side; ++y) {
    for (int x = 0; x < prepared_side; ++x) {
      const double at_x = centre_of(x, source.width, scale), at_y = centre_of(y, source.height, scale);
      double sums[3] = {}, weights = 0;
      for (int j = std::max(0, static_cast<int>(at_y - reach)); j < std::min<double>(source.height, at_y + reach);
           ++j) {
        for (int i = std::max(0, static_cast<int>(at_x - reach)); i < std::min<double>(source.width, at_x + reach);
             ++i) {
          const double weight =
              std::max(0.0, 1 - std::abs(i + 0.5 - at_x) / reach) * std::max(0.0, 1 - std::abs(j + 0.5 - at_y) / reach);
          weights += weight;
          for (int c = 0; c < 3; ++c) sums[c] += weight * source.row(j)[3 * i + c];
        }
      }
      for (int c = 0; c < 3; ++c) {
        const double found = prepared[(c * prepared_side + y) * prepared_side + x];
        const double step = (found * channel_deviation[c] + channel_mean[c]) * 255 - sums[c] / weights;
        squares += step * step;
      }
    }
  }
  const double error = std::sqrt(squares / static_cast<double>(prepared_values));
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

}  // namespace gpubench::bench::apps
