#pragma once

#include <array>
#include <cstdint>

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

/// Products with a reciprocal may miss a whole number of waves by rounding.
inline constexpr double whole_wave_tolerance = 1e-9;

/// Smallest whole number that is not below x.   @pre 0 <= x < 2^63
inline double round_up(double x) {
  const auto whole = static_cast<std::int64_t>(x);
  return static_cast<double>(whole + (static_cast<double>(whole) < x));
}

/// Largest whole number that is not above x.   @pre 0 <= x < 2^63
inline double round_down(double x) {
  return static_cast<double>(static_cast<std::int64_t>(x));
}

}  // namespace gpubench::predictor
