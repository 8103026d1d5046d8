#pragma once

#include <cstdint>
#include <span>

namespace gpubench::predictor {

/// Part of the result that a block of an SGEMM kernel computes.
struct vector_tile {
  int columns = 0;   ///< along n
  int rows = 0;      ///< along m
  int threads = 0;   ///< of a block
  int resident = 0;  ///< blocks that a multiprocessor holds at once: its 65536 registers allow no more

  friend bool operator==(const vector_tile&, const vector_tile&) = default;
};

/// Tiles among which cuBLAS 12 chooses, from the kernel names of the fp32 operator measurements (sitar-lab/NeuSight,
/// 2025-06-23). Layers, with weights [n, k] as frameworks store them: many sizes, square and flat, since Volta. Batched
/// products: few, and since Ampere 128 x 128 for every shape.
/// @param generation  see generation_of()
std::span<const vector_tile> vector_tiles(double generation, bool batched);

/// What a kernel's speed depends on besides the shape. Sizes of one multiprocessor.
struct vector_machine {
  double multiprocessors = 1;
  double flop_per_cycle = 128;  ///< of the lanes
  double share = 0.97;          ///< of flop_per_cycle that a tile without borders would reach
  double prologue_depth = 17;   ///< steps along k that the start and the end of a block cost
  double idle_warps = 4.4;      ///< with so many resident warps about half of the latencies are hidden
};

/// Arithmetic intensity of a tile: steps that read operands of the tile from shared memory beside the multiply-adds
/// are fewer, the larger the tile. 1 for an endless one.
double tile_share(const vector_tile& tile);

/// A kernel's grid on a device.
struct vector_plan {
  const vector_tile* tile = nullptr;
  double splits = 1;         ///< parts of k that different blocks sum up
  double blocks = 0;         ///< of the grid
  double depth = 0;          ///< steps along k of one block
  double operand_bytes = 0;  ///< that all blocks load, each its own rows and columns
  double cycles = 0;         ///< of the multiprocessor with the most blocks
};

/// Cycles of a given grid: whole waves of resident blocks, then the rest spread evenly over the multiprocessors.
/// With w resident warps a multiprocessor works at w / (w + idle_warps) of its rate, normalised to 16 warps. Never
/// less than the loads of the operands need at 8.4 bytes a clock and multiprocessor, which is what the small tiles
/// reach.
vector_plan plan_with(const vector_tile& tile, double splits, const vector_machine& on, std::int64_t m, std::int64_t n,
                      std::int64_t k, std::int64_t batch);

/// The fastest of the tiles, each without a split and, for layers with fewer blocks than fit at once, with k split so
/// that they fill the device.   @param split_cycles  what the sum of the parts costs, besides writing them
vector_plan choose_plan(std::span<const vector_tile> tiles, const vector_machine& on, std::int64_t m, std::int64_t n,
                        std::int64_t k, std::int64_t batch, double split_cycles);

}  // namespace gpubench::predictor
