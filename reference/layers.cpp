#include "reference/layers.hpp"

#include <algorithm>
#include <cmath>

#include "reference/vector_clones.hpp"

namespace gpubench::reference {
namespace {

constexpr std::int64_t rows_at_once = 4;

/// Four rows of C at once, a strip of columns that stays in cache.
GPUBENCH_VECTOR_CLONES void multiply_strip(std::int64_t rows, std::int64_t columns, std::int64_t n, std::int64_t k,
                                           const double* a, const double* b, double* c) {
  for (std::int64_t p = 0; p < k; ++p) {
    const double* line = b + p * n;
    for (std::int64_t i = 0; i < rows; ++i) {
      const double factor = a[i * k + p];
      double* out = c + i * n;
#pragma omp simd
      for (std::int64_t j = 0; j < columns; ++j) out[j] += factor * line[j];
    }
  }
}

std::vector<double> transposed(const double* a, std::int64_t rows, std::int64_t columns) {
  std::vector<double> result(static_cast<std::size_t>(rows * columns));
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) result[static_cast<std::size_t>(j * rows + i)] = a[i * columns + j];
  }
  return result;
}

std::int64_t out_size(std::int64_t size, const filters& f) {
  return (size + 2 * f.padding - f.kernel) / f.stride + 1;
}

/// Calls visit(row of the unfolded image, column, index of the input) for every pair of filter tap and output pixel
/// that meets the image. The unfolded image is (c_in*kernel*kernel) x (out pixels).
template <class Visit>
void unfold(const tensor& x, const filters& f, const Visit& visit) {
  const std::int64_t out_h = out_size(x.h, f), out_w = out_size(x.w, f);
#pragma omp parallel for schedule(static)
  for (std::int64_t channel = 0; channel < f.c_in; ++channel) {
    for (std::int64_t tap = 0; tap < f.kernel * f.kernel; ++tap) {
      for (std::int64_t oy = 0; oy < out_h; ++oy) {
        const std::int64_t y = oy * f.stride + tap / f.kernel - f.padding;
        if (y < 0 || y >= x.h) continue;
        for (std::int64_t ox = 0; ox < out_w; ++ox) {
          const std::int64_t at = ox * f.stride + tap % f.kernel - f.padding;
          if (at < 0 || at >= x.w) continue;
          visit(channel * f.kernel * f.kernel + tap, oy * out_w + ox, (channel * x.h + y) * x.w + at);
        }
      }
    }
  }
}

std::vector<double> unfolded(const tensor& x, const filters& f, std::int64_t image) {
  const std::int64_t pixels = out_size(x.h, f) * out_size(x.w, f);
  std::vector<double> result(static_cast<std::size_t>(f.c_in * f.kernel * f.kernel * pixels));
  const double* source = x.image(image);
  unfold(x, f, [&](std::int64_t row, std::int64_t column, std::int64_t input) {
    result[static_cast<std::size_t>(row * pixels + column)] = source[input];
  });
  return result;
}

std::vector<double> weights_of(const filters& f) {
  return {f.weights, f.weights + f.c_out * f.c_in * f.kernel * f.kernel};
}

}  // namespace

tensor::tensor(std::int64_t images, std::int64_t channels, std::int64_t height, std::int64_t width)
    : n(images), c(channels), h(height), w(width), values(static_cast<std::size_t>(n * c * h * w)) {}

void multiply_add(std::int64_t m, std::int64_t n, std::int64_t k, const double* a, const double* b, double* c) {
  constexpr std::int64_t strip = 512;
  const std::int64_t strips = (n + strip - 1) / strip, bands = (m + rows_at_once - 1) / rows_at_once;
#pragma omp parallel for schedule(static) collapse(2)
  for (std::int64_t s = 0; s < strips; ++s) {
    for (std::int64_t band = 0; band < bands; ++band) {
      const std::int64_t row = band * rows_at_once, column = s * strip;
      multiply_strip(std::min(rows_at_once, m - row), std::min(strip, n - column), n, k, a + row * k, b + column,
                     c + row * n + column);
    }
  }
}

tensor convolution(const tensor& x, const filters& f) {
  tensor y(x.n, f.c_out, out_size(x.h, f), out_size(x.w, f));
  const auto weights = weights_of(f);
  for (std::int64_t i = 0; i < x.n; ++i) {
    const auto columns = unfolded(x, f, i);
    multiply_add(f.c_out, y.h * y.w, f.c_in * f.kernel * f.kernel, weights.data(), columns.data(), y.image(i));
  }
  return y;
}

convolution_gradients convolution_backward(const tensor& x, const filters& f, const tensor& gradient) {
  const std::int64_t taps = f.c_in * f.kernel * f.kernel, pixels = gradient.h * gradient.w;
  convolution_gradients result{tensor(x.n, x.c, x.h, x.w),
                               std::vector<double>(static_cast<std::size_t>(f.c_out * taps))};
  const auto weights = weights_of(f);
  const auto weights_across = transposed(weights.data(), f.c_out, taps);
  for (std::int64_t i = 0; i < x.n; ++i) {
    const auto columns = unfolded(x, f, i);
    const auto columns_across = transposed(columns.data(), taps, pixels);
    multiply_add(f.c_out, taps, pixels, gradient.image(i), columns_across.data(), result.weights.data());
    std::vector<double> spread(static_cast<std::size_t>(taps * pixels));
    multiply_add(taps, pixels, f.c_out, weights_across.data(), gradient.image(i), spread.data());
    double* out = result.x.image(i);
    unfold(x, f, [&](std::int64_t row, std::int64_t column, std::int64_t input) {
      out[input] += spread[static_cast<std::size_t>(row * pixels + column)];
    });
  }
  return result;
}

tensor batch_normalization(const tensor& x, double epsilon, normalization& state) {
  tensor y = x;
  state.normalized = x;
  state.inverse_deviation.resize(static_cast<std::size_t>(x.c));
  const std::int64_t plane = x.h * x.w;
#pragma omp parallel for schedule(static)
  for (std::int64_t c = 0; c < x.c; ++c) {
    const auto at = static_cast<std::size_t>(c);
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < x.n; ++i) {
      const double* in = x.image(i) + c * plane;
      for (std::int64_t p = 0; p < plane; ++p) sum += in[p];
    }
    const double mean = sum / static_cast<double>(x.n * plane);
    for (std::int64_t i = 0; i < x.n; ++i) {
      const double* in = x.image(i) + c * plane;
      for (std::int64_t p = 0; p < plane; ++p) squares += (in[p] - mean) * (in[p] - mean);
    }
    state.inverse_deviation[at] = 1 / std::sqrt(squares / static_cast<double>(x.n * plane) + epsilon);
    for (std::int64_t i = 0; i < x.n; ++i) {
      double* normalized = state.normalized.image(i) + c * plane;
      double* out = y.image(i) + c * plane;
      for (std::int64_t p = 0; p < plane; ++p) {
        normalized[p] = (normalized[p] - mean) * state.inverse_deviation[at];
        out[p] = normalized[p] * state.scale[at] + state.shift[at];
      }
    }
  }
  return y;
}

normalization_gradients batch_normalization_backward(const normalization& state, const tensor& gradient) {
  const auto channels = static_cast<std::size_t>(gradient.c);
  normalization_gradients result{gradient, std::vector<double>(channels), std::vector<double>(channels)};
  const std::int64_t plane = gradient.h * gradient.w;
  const auto count = static_cast<double>(gradient.n * plane);
#pragma omp parallel for schedule(static)
  for (std::int64_t c = 0; c < gradient.c; ++c) {
    const auto at = static_cast<std::size_t>(c);
    double sum = 0, weighted = 0;
    for (std::int64_t i = 0; i < gradient.n; ++i) {
      const double* g = gradient.image(i) + c * plane;
      const double* normalized = state.normalized.image(i) + c * plane;
      for (std::int64_t p = 0; p < plane; ++p) {
        sum += g[p];
        weighted += g[p] * normalized[p];
      }
    }
    result.shift[at] = sum;
    result.scale[at] = weighted;
    for (std::int64_t i = 0; i < gradient.n; ++i) {
      double* g = result.x.image(i) + c * plane;
      const double* normalized = state.normalized.image(i) + c * plane;
      for (std::int64_t p = 0; p < plane; ++p) {
        g[p] = state.scale[at] * state.inverse_deviation[at] * (g[p] - sum / count - normalized[p] * weighted / count);
      }
    }
  }
  return result;
}

void relu(tensor& x) {
  for (double& v : x.values) v = std::max(v, 0.0);
}

void relu_backward(const tensor& output, tensor& gradient) {
  for (std::size_t i = 0; i < gradient.values.size(); ++i) {
    if (output.values[i] <= 0) gradient.values[i] = 0;
  }
}

void add(tensor& x, const tensor& y) {
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += y.values[i];
}

tensor maximum_pooling(const tensor& x, std::vector<std::int64_t>& chosen) {
  tensor y(x.n, x.c, (x.h - 1) / 2 + 1, (x.w - 1) / 2 + 1);
  chosen.assign(y.values.size(), 0);
  std::size_t out = 0;
  for (std::int64_t plane = 0; plane < x.n * x.c; ++plane) {
    const double* in = x.values.data() + plane * x.h * x.w;
    for (std::int64_t oy = 0; oy < y.h; ++oy) {
      for (std::int64_t ox = 0; ox < y.w; ++ox, ++out) {
        std::int64_t best = -1;
        for (std::int64_t iy = std::max<std::int64_t>(0, 2 * oy - 1); iy <= std::min(x.h - 1, 2 * oy + 1); ++iy) {
          for (std::int64_t ix = std::max<std::int64_t>(0, 2 * ox - 1); ix <= std::min(x.w - 1, 2 * ox + 1); ++ix) {
            if (best < 0 || in[iy * x.w + ix] > in[best]) best = iy * x.w + ix;
          }
        }
        chosen[out] = best;
        y.values[out] = in[best];
      }
    }
  }
  return y;
}

tensor maximum_pooling_backward(const tensor& x, const std::vector<std::int64_t>& chosen, const tensor& gradient) {
  tensor result(x.n, x.c, x.h, x.w);
  const std::int64_t plane = gradient.h * gradient.w;
  for (std::size_t i = 0; i < gradient.values.size(); ++i) {
    const std::int64_t image_plane = static_cast<std::int64_t>(i) / plane;
    result.values[static_cast<std::size_t>(image_plane * x.h * x.w + chosen[i])] += gradient.values[i];
  }
  return result;
}

tensor average_pooling(const tensor& x) {
  tensor y(x.n, x.c, 1, 1);
  const std::int64_t plane = x.h * x.w;
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const double* in = x.values.data() + static_cast<std::int64_t>(i) * plane;
    double sum = 0;
    for (std::int64_t p = 0; p < plane; ++p) sum += in[p];
    y.values[i] = sum / static_cast<double>(plane);
  }
  return y;
}

tensor average_pooling_backward(const tensor& x, const tensor& gradient) {
  tensor result(x.n, x.c, x.h, x.w);
  const std::int64_t plane = x.h * x.w;
  for (std::size_t i = 0; i < gradient.values.size(); ++i) {
    double* out = result.values.data() + static_cast<std::int64_t>(i) * plane;
    std::fill(out, out + plane, gradient.values[i] / static_cast<double>(plane));
  }
  return result;
}

}  // namespace gpubench::reference
