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

  constexpr double warps() const { return threads / 32.0; }
  /// What its borders cost next to its area.
  constexpr double borders() const { return 1.0 / columns + 1.0 / rows; }
  /// Share of the lanes that multiply and add: the rest reads operands from shared memory, less in larger tiles.
  constexpr double share() const { return 1 / (1 + 5 * borders()); }
};

/// Tiles among which cuBLAS 12 chooses, from the kernel names of the fp32 operator measurements (sitar-lab/NeuSight,
/// 2025-06-23). Layers, with weights [n, k] as frameworks store them: many sizes, square and flat, since Volta. Batched
/// products: few, and since Ampere 128 x 128 for every shape.
/// @param generation  see generation_of()
std::span<const vector_tile> vector_tiles(double generation, bool batched);

/// Sizes of the product: `batch` times [m, k] x [k, n].
struct vector_product {
  std::int64_t m = 1, n = 1, k = 1, batch = 1;
};

/// What a kernel's speed depends on besides the shape.
struct vector_machine {
  double multiprocessors = 1;
  double flop_per_cycle = 128;  ///< of one multiprocessor's lanes, what no tile exceeds
  double prologue_depth = 11;   ///< steps along k that the start and the end of a block cost
  double idle_warps = 2.3;      ///< with so many resident warps about half of the latencies are hidden
};

/// A kernel's grid on a device.
struct vector_plan {
  const vector_tile* tile = nullptr;
  std::int64_t splits = 1;   ///< parts of k that different blocks sum up
  double blocks = 0;         ///< of the grid
  double depth = 0;          ///< steps along k of one block
  double operand_bytes = 0;  ///< that all blocks load, each its own rows and columns
  double cycles = 0;         ///< of the multiprocessor with the most blocks
};

/// Cycles of a given grid: whole waves of resident blocks, then the rest spread evenly over the multiprocessors. 16
/// resident warps keep a multiprocessor busy; with w fewer it works at w / (w + idle_warps) of its rate, scaled to 1
/// at 16. Never less than the loads of the operands need at 8.4 bytes a clock and multiprocessor, which is what the
/// small tiles reach.
vector_plan plan_with(const vector_tile& tile, std::int64_t splits, const vector_machine& on, const vector_product& p);

/// The fastest of the tiles, each as it is and, for a batch of one, with k split: so often that the blocks fill the
/// device, or into parts of `usual_depth` where that is more.
/// @param split_cycles  what splitting must gain
vector_plan choose_plan(std::span<const vector_tile> tiles, const vector_machine& on, const vector_product& p,
                        double split_cycles, double usual_depth);

}  // namespace gpubench::predictor
