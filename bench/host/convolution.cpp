#include "bench/host/convolution.hpp"

#include "bench/host/operands.hpp"
#include "models/resnet50.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::bench::host {
namespace {

struct position {
  std::int64_t n, c, y, x;
};
position position_of(std::int64_t index, std::int64_t channels, std::int64_t height, std::int64_t width) {
  return {index / (channels * height * width), index / (height * width) % channels, index / width % height,
          index % width};
}
std::int64_t index_of(const position& p, std::int64_t channels, std::int64_t height, std::int64_t width) {
  return ((p.n * channels + p.c) * height + p.y) * width + p.x;
}

void add_product(reference_value& sum, float a, float b) {
  const double product = static_cast<double>(a) * static_cast<double>(b);
  sum.value += product;
  sum.scale += std::abs(product);
}

bool inside(std::int64_t i, std::int64_t size) {
  return i >= 0 && i < size;
}

reference_value forward_value(const models::convolution& c, const convolution_operands& o, std::int64_t index) {
  const auto out = position_of(index, c.c_out, c.out_height(), c.out_width());
  reference_value sum;
  for (std::int64_t in = 0; in < c.c_in; ++in) {
    for (std::int64_t ky = 0; ky < c.kernel; ++ky) {
      for (std::int64_t kx = 0; kx < c.kernel; ++kx) {
        const std::int64_t y = out.y * c.stride + ky - c.padding, x = out.x * c.stride + kx - c.padding;
        if (!inside(y, c.height) || !inside(x, c.width)) continue;
        add_product(sum, o.source[index_of({out.n, in, y, x}, c.c_in, c.height, c.width)],
                    o.weights[index_of({out.c, in, ky, kx}, c.c_in, c.kernel, c.kernel)]);
      }
    }
  }
  return sum;
}

reference_value backward_data_value(const models::convolution& c, const convolution_operands& o, std::int64_t index) {
  const auto in = position_of(index, c.c_in, c.height, c.width);
  reference_value sum;
  for (std::int64_t out = 0; out < c.c_out; ++out) {
    for (std::int64_t ky = 0; ky < c.kernel; ++ky) {
      for (std::int64_t kx = 0; kx < c.kernel; ++kx) {
        // Outputs whose window has this input at (ky, kx).
        const std::int64_t y = in.y + c.padding - ky, x = in.x + c.padding - kx;
        if (y % c.stride != 0 || x % c.stride != 0) continue;
        if (!inside(y / c.stride, c.out_height()) || !inside(x / c.stride, c.out_width())) continue;
        if (y < 0 || x < 0) continue;
        add_product(
            sum,
            o.destination[index_of({in.n, out, y / c.stride, x / c.stride}, c.c_out, c.out_height(), c.out_width())],
            o.weights[index_of({out, in.c, ky, kx}, c.c_in, c.kernel, c.kernel)]);
      }
    }
  }
  return sum;
}

reference_value backward_weights_value(const models::convolution& c, const convolution_operands& o,
                                       std::int64_t index) {
  // A filter stands where an image does in position_of: n is the output channel.
  const auto filter = position_of(index, c.c_in, c.kernel, c.kernel);
  reference_value sum;
  for (std::int64_t n = 0; n < c.n; ++n) {
    for (std::int64_t oy = 0; oy < c.out_height(); ++oy) {
      for (std::int64_t ox = 0; ox < c.out_width(); ++ox) {
        const std::int64_t y = oy * c.stride + filter.y - c.padding, x = ox * c.stride + filter.x - c.padding;
        if (!inside(y, c.height) || !inside(x, c.width)) continue;
        add_product(sum, o.source[index_of({n, filter.c, y, x}, c.c_in, c.height, c.width)],
                    o.destination[index_of({n, filter.n, oy, ox}, c.c_out, c.out_height(), c.out_width())]);
      }
    }
  }
  return sum;
}

}  // namespace

models::convolution convolution_of(const results::parameters& values, models::pass pass) {
  return {size_of(values, "n"),      size_of(values, "c_in"),    size_of(values, "height"),
          size_of(values, "width"),  size_of(values, "c_out"),   size_of(values, "kernel"),
          size_of(values, "stride"), size_of(values, "padding"), pass};
}

results::parameters parameters_of(const models::convolution& c) {
  return {{"n", c.n},         {"c_in", c.c_in},     {"height", c.height}, {"width", c.width},
          {"c_out", c.c_out}, {"kernel", c.kernel}, {"stride", c.stride}, {"padding", c.padding}};
}

std::vector<results::parameters> convolution_cases(suite s, models::pass which) {
  std::vector<results::parameters> cases;
  const auto add_batch = [&](std::int64_t n) {
    auto layers = models::resnet50_distinct_convolutions(n);
    const auto flop_of = [](const models::counted_convolution& c) {
      return c.count * models::work_of(c.shape, models::precision::fp32).flop;
    };
    std::stable_sort(layers.begin(), layers.end(),
                     [&](const auto& a, const auto& b) { return flop_of(a) > flop_of(b); });
    for (const auto& layer : layers) {
      const bool takes_images = layer.shape.c_in == 3;
      if (!takes_images || which != models::pass::backward_data) cases.push_back(parameters_of(layer.shape));
    }
  };
  add_batch(8);
  if (s == suite::quick) cases.resize(std::min<std::size_t>(cases.size(), 2));
  if (s == suite::full) add_batch(32);
  return cases;
}

reference_value reference_convolution(const models::convolution& c, const convolution_operands& operands,
                                      std::int64_t index) {
  switch (c.pass) {
    case models::pass::forward:
      return forward_value(c, operands, index);
    case models::pass::backward_data:
      return backward_data_value(c, operands, index);
    case models::pass::backward_weights:
      return backward_weights_value(c, operands, index);
  }
  return {};
}

std::int64_t result_size(const models::convolution& c) {
  switch (c.pass) {
    case models::pass::forward:
      return c.n * c.c_out * c.out_height() * c.out_width();
    case models::pass::backward_data:
      return c.n * c.c_in * c.height * c.width;
    case models::pass::backward_weights:
      return c.c_out * c.c_in * c.kernel * c.kernel;
  }
  return 0;
}

}  // namespace gpubench::bench::host
