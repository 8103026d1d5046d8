#pragma once

#include <array>

namespace gpubench::predictor {

/// Part of the output that one multiprocessor works on at a time.
struct gemm_tile {
  double rows = 0, columns = 0;
};

struct gemm_tiles {
  std::array<gemm_tile, 6> tile;
  int count = 0;
};

/// Output tiles that a library tries for `batch` products of m x n on so many multiprocessors.
///
/// With synchronous tensor cores: cuBLAS's fixed set, 256x128 down to 64x64. With asynchronous ones one side is 128 or
/// 64 (the height of the instruction) and the other any multiple of 8 up to 256 (its width): as narrow as fills the
/// waves that the widest tile needs, in steps of 32, so that the last wave is nearly full. Either side may lie along m.
/// Source: PTX ISA, shapes of wgmma and tcgen05.mma; names of cuBLAS 12 kernels, such
/// as nvjet_hsh_256x128_64x4_1x2 (NVIDIA/Fuser issue 3279, 2024-10-25).
gemm_tiles tiles_for(bool asynchronous, double m, double n, double batch, double multiprocessors);

/// Into how many parts the contraction of each tile is split so that more multiprocessors find work: as many as fill
/// the GPU where there are too few tiles for half of it, and else the number from 1 to 6 that leaves the least idle
/// time in the last wave. At least `least_split_k` of the contraction stays together.
/// @param waves  tiles over multiprocessors
double split_of(double waves, double k);

inline constexpr double least_split_k = 448;

namespace detail {

/// A double of this size has no room for a fraction, so that adding it rounds to the nearest whole number.
inline constexpr double no_fraction = 0x1p52;
/// Counts are quotients by at most some hundreds: no fraction of them is smaller.
inline constexpr double least_fraction = 0x1p-20;

}  // namespace detail

/// Smallest whole number that is not below x, but for fractions below a millionth. Faster than std::ceil() where that
/// is a call.   @pre 0 <= x < 2^30
inline double round_up(double x) {
  return (x + (0.5 - detail::least_fraction) + detail::no_fraction) - detail::no_fraction;
}

/// Largest whole number that is not above x, but for fractions less than a millionth below one.   @pre 0 <= x < 2^30
inline double round_down(double x) {
  return (x - (0.5 - detail::least_fraction) + detail::no_fraction) - detail::no_fraction;
}

}  // namespace gpubench::predictor
