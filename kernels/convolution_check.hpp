#pragma once

#include "kernels/gemm_check.hpp"

#include <cmath>
#include <cstdint>

namespace gpubench::kernels {

/// How images, filters and gradients lie in memory: n-c-h-w, or with a pixel's channels side by side (n-h-w-c).
enum class image_order { channels_first, channels_last };

enum class convolution_product { forward, backward_data, backward_weights };

/// Convolution of n images with square kernel, stride and padding. The images (x) are operand 1, the filters (w)
/// operand 2, the outputs' gradient (y) operand 3; one of the three is what is computed.
struct convolution_shape {
  storage type = storage::fp32;
  convolution_product product = convolution_product::forward;
  image_order order = image_order::channels_last;
  std::int64_t n = 0, c_in = 0, height = 0, width = 0, c_out = 0, kernel = 1, stride = 1, padding = 0;

  std::int64_t out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  std::int64_t out_width() const { return (width + 2 * padding - kernel) / stride + 1; }
};
inline constexpr std::uint64_t convolution_x = 1, convolution_w = 2, convolution_y = 3;

/// Place of an element in memory; a filter stands where an image does, its output channel as n.
struct image_place {
  std::int64_t n, c, y, x;
};
struct image_size {
  std::int64_t c, height, width;
};
inline std::uint64_t index_of(image_order order, const image_size& size, const image_place& at) {
  const std::int64_t index = order == image_order::channels_last
                                 ? ((at.n * size.height + at.y) * size.width + at.x) * size.c + at.c
                                 : ((at.n * size.c + at.c) * size.height + at.y) * size.width + at.x;
  return static_cast<std::uint64_t>(index);
}
inline image_place place_of(image_order order, const image_size& size, std::uint64_t index) {
  const auto i = static_cast<std::int64_t>(index);
  if (order == image_order::channels_last) {
    return {i / (size.c * size.width * size.height), i % size.c, i / (size.c * size.width) % size.height,
            i / size.c % size.width};
  }
  return {i / (size.width * size.height * size.c), i / (size.width * size.height) % size.c,
          i / size.width % size.height, i % size.width};
}

inline image_size x_size(const convolution_shape& s) {
  return {s.c_in, s.height, s.width};
}
inline image_size w_size(const convolution_shape& s) {
  return {s.c_in, s.kernel, s.kernel};
}
inline image_size y_size(const convolution_shape& s) {
  return {s.c_out, s.out_height(), s.out_width()};
}

/// Elements of the tensor that is computed.
inline std::int64_t result_elements(const convolution_shape& s) {
  switch (s.product) {
    case convolution_product::forward:
      return s.n * s.c_out * s.out_height() * s.out_width();
    case convolution_product::backward_data:
      return s.n * s.c_in * s.height * s.width;
    default:
      return s.c_out * s.c_in * s.kernel * s.kernel;
  }
}

/// Products that are added to one element at most: what the rounding bound and the cost of checking grow with.
inline std::int64_t products_per_result(const convolution_shape& s) {
  switch (s.product) {
    case convolution_product::forward:
      return s.c_in * s.kernel * s.kernel;
    case convolution_product::backward_data:
      return s.c_out * s.kernel * s.kernel;
    default:
      return s.n * s.out_height() * s.out_width();
  }
}

/// Sum of products in extended precision.
class product_sum {
 public:
  void add(double a, double b) {
    sum_ += static_cast<long double>(a) * b;
    squares_ += a * a * b * b;
  }
  gemm_reference take() const { return {static_cast<double>(sum_), std::sqrt(squares_)}; }

 private:
  long double sum_ = 0;
  double squares_ = 0;
};

/// One element of the result, computed apart in plain loops over the definition.
/// @param index  its place in memory
inline gemm_reference reference_result(const convolution_shape& s, std::uint64_t index) {
  const auto x = [&](std::int64_t n, std::int64_t c, std::int64_t row, std::int64_t column) {
    return stored_operand(s.type, convolution_x, index_of(s.order, x_size(s), {n, c, row, column}));
  };
  const auto w = [&](std::int64_t out, std::int64_t in, std::int64_t row, std::int64_t column) {
    return stored_operand(s.type, convolution_w, index_of(s.order, w_size(s), {out, in, row, column}));
  };
  const auto y = [&](std::int64_t n, std::int64_t c, std::int64_t row, std::int64_t column) {
    return stored_operand(s.type, convolution_y, index_of(s.order, y_size(s), {n, c, row, column}));
  };
  const auto inside = [](std::int64_t at, std::int64_t size) { return at >= 0 && at < size; };
  product_sum sum;
  if (s.product == convolution_product::forward) {
    const image_place out = place_of(s.order, y_size(s), index);
    for (std::int64_t c = 0; c < s.c_in; ++c) {
      for (std::int64_t ky = 0; ky < s.kernel; ++ky) {
        for (std::int64_t kx = 0; kx < s.kernel; ++kx) {
          const std::int64_t row = out.y * s.stride + ky - s.padding;
          const std::int64_t column = out.x * s.stride + kx - s.padding;
          if (!inside(row, s.height) || !inside(column, s.width)) continue;
          sum.add(x(out.n, c, row, column), w(out.c, c, ky, kx));
        }
      }
    }
  } else if (s.product == convolution_product::backward_data) {
    const image_place in = place_of(s.order, x_size(s), index);
    for (std::int64_t ky = 0; ky < s.kernel; ++ky) {
      for (std::int64_t kx = 0; kx < s.kernel; ++kx) {
        // The output whose window has this input at (ky, kx), if there is one.
        const std::int64_t row = in.y + s.padding - ky;
        const std::int64_t column = in.x + s.padding - kx;
        if (row < 0 || column < 0 || row % s.stride != 0 || column % s.stride != 0) continue;
        if (!inside(row / s.stride, s.out_height()) || !inside(column / s.stride, s.out_width())) continue;
        for (std::int64_t c = 0; c < s.c_out; ++c) {
          sum.add(y(in.n, c, row / s.stride, column / s.stride), w(c, in.c, ky, kx));
        }
      }
    }
  } else {
    const image_place filter = place_of(s.order, w_size(s), index);
    for (std::int64_t n = 0; n < s.n; ++n) {
      for (std::int64_t oy = 0; oy < s.out_height(); ++oy) {
        for (std::int64_t ox = 0; ox < s.out_width(); ++ox) {
          const std::int64_t row = oy * s.stride + filter.y - s.padding;
          const std::int64_t column = ox * s.stride + filter.x - s.padding;
          if (!inside(row, s.height) || !inside(column, s.width)) continue;
          sum.add(x(n, filter.c, row, column), y(n, filter.n, oy, ox));
        }
      }
    }
  }
  return sum.take();
}

/// Deviation of one element as a multiple of what rounding explains (see rounding_bound); NaN stays NaN.
inline double convolution_error(const convolution_shape& s, std::uint64_t index, double found) {
  const gemm_reference reference = reference_result(s, index);
  const gemm_shape as_product{s.type, 1, 1, products_per_result(s)};
  // Nothing is added where the window lies in the padding: then only an exact zero is right.
  if (reference.root_of_squares == 0) return found == 0 ? 0 : std::abs(found) / 0.0;
  return std::abs(found - reference.value) / rounding_bound(as_product, reference);
}

}  // namespace gpubench::kernels
