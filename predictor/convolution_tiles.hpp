#pragma once

#include "models/operators.hpp"

#include <cstdint>

namespace gpubench::predictor {

/// A positive number rounded up. std::ceil is a call where the target has no instruction for it, and a prediction needs
/// a dozen of them.
inline double rounded_up(double x) {
  const auto whole = static_cast<double>(static_cast<std::int64_t>(x));
  return whole + (whole < x ? 1 : 0);
}

/// The matrix product that a convolution amounts to.
struct implicit_product {
  double rows = 0, columns = 0, depth = 0;
};

/// Forward: pixels of the output x output channels, summed over input channels and kernel. Gradient of the input:
/// pixels of the input x input channels, summed over output channels and the taps that meet a pixel, kernel^2/stride^2.
/// Gradient of the weights: output channels x (input channels * kernel^2), summed over the output's pixels.
/// @param channel_multiple  input channels are padded to it: 16 bytes for tensor cores (cuDNN developer guide, "Tensor
///                          Core operations", padding), 1 otherwise
implicit_product product_of(const models::convolution& c, double channel_multiple);

/// An output tile of a block, and how well it uses a multiprocessor next to the best tile.
struct tile_shape {
  double rows = 0, columns = 0, share = 1;
};

/// A product in tiles: how long, in units of one multiply-add on all lanes of a multiprocessor.
/// @param extra_depth  what a block spends before and after its sum, as depth
/// @param may_split    the sum too may be divided over blocks, where there are fewer of them than multiprocessors
double tiled_steps(const implicit_product& p, const tile_shape& tile, double multiprocessors, double block_tail,
                   double extra_depth, bool may_split);

/// Blocks a multiprocessor, halfway between their exact and their rounded-up number: the last wave runs with less
/// company, and so faster, than the full ones. At least 1.
double waves_of(double blocks, double multiprocessors);

}  // namespace gpubench::predictor
