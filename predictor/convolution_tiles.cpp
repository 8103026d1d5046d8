#include "predictor/convolution_tiles.hpp"

#include <algorithm>

namespace gpubench::predictor {
namespace {

/// A shorter part of a sum is not worth a block of its own.
constexpr double least_split_depth = 256;

double count(std::int64_t size) {
  return static_cast<double>(std::max<std::int64_t>(size, 1));
}

}  // namespace

implicit_product product_of(const models::convolution& c, double channel_multiple) {
  const double images = count(c.n), taps = count(c.kernel) * count(c.kernel), stride = count(c.stride);
  // Images have kernels of their own, for four channels.
  const double input_multiple = c.c_in <= 4 ? std::min(channel_multiple, 4.0) : channel_multiple;
  const double inputs = rounded_up(count(c.c_in) / input_multiple) * input_multiple;
  const double outputs = rounded_up(count(c.c_out) / channel_multiple) * channel_multiple;
  const double out_pixels = images * count(c.out_height()) * count(c.out_width());
  switch (c.pass) {
    case models::pass::backward_data:
      if (taps < stride * stride) return {out_pixels, inputs, outputs * taps};  // no other pixel has a gradient
      return {images * count(c.height) * count(c.width), inputs, outputs * taps / (stride * stride)};
    case models::pass::backward_weights:
      return {outputs, inputs * taps, out_pixels};
    case models::pass::forward:
      break;
  }
  return {out_pixels, outputs, inputs * taps};
}

double waves_of(double blocks, double multiprocessors) {
  const double waves = blocks / multiprocessors;
  return waves <= 1 ? 1 : 0.5 * (waves + rounded_up(waves));
}

double tiled_steps(const implicit_product& p, const tile_shape& tile, double multiprocessors, double block_tail,
                   double extra_depth, bool may_split) {
  double blocks = rounded_up(p.rows / tile.rows) * rounded_up(p.columns / tile.columns);
  double depth = p.depth;
  if (may_split) {
    // Not rounded: which whole number is taken depends on the library's heuristics.
    const double parts = std::max(1.0, std::min(2 * multiprocessors / blocks, depth / least_split_depth));
    blocks *= parts;
    depth /= parts;
  }
  return (waves_of(blocks, multiprocessors) + block_tail) * tile.rows * tile.columns * (depth + extra_depth) /
         tile.share;
}

}  // namespace gpubench::predictor
