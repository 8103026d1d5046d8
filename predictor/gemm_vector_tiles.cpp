#include "predictor/gemm_vector_tiles.hpp"

#include <algorithm>

namespace gpubench::predictor {
namespace {

constexpr vector_tile layer_pascal[] = {{32, 128, 256, 4}, {64, 64, 64, 8}, {128, 32, 256, 4}};
/// The last two share a block's k among four groups of warps.
constexpr vector_tile layer[] = {{128, 128, 256, 2}, {128, 64, 128, 4}, {128, 32, 256, 4},
                                 {32, 128, 256, 4},  {64, 32, 256, 3},  {32, 32, 128, 6}};
constexpr vector_tile batched_pascal[] = {{128, 64, 128, 4}};
constexpr vector_tile batched_volta[] = {{64, 64, 64, 8}, {32, 128, 256, 4}, {128, 32, 256, 4}};
constexpr vector_tile batched_turing[] = {{64, 64, 64, 8}, {128, 64, 128, 4}};
constexpr vector_tile batched_ampere[] = {{128, 128, 256, 2}};

constexpr double load_bytes_per_cycle = 8.4;
constexpr double full_warps = 16;
constexpr double least_depth_of_a_split = 64;

double tiles_along(std::int64_t size, int tile) {
  return static_cast<double>((size + tile - 1) / tile);
}

/// Of a number that is not negative; casts, since calls of std::floor would be half of the time of a plan.
double whole(double x) {
  return static_cast<double>(static_cast<std::int64_t>(x));
}

}  // namespace

std::span<const vector_tile> vector_tiles(double generation, bool batched) {
  if (!batched) return generation < 1 ? std::span<const vector_tile>(layer_pascal) : layer;
  if (generation < 1) return batched_pascal;
  if (generation < 1.4) return batched_volta;
  if (generation < 2) return batched_turing;
  return batched_ampere;
}

vector_plan plan_with(const vector_tile& tile, std::int64_t splits, const vector_machine& on, const vector_product& p) {
  vector_plan plan;
  plan.tile = &tile;
  plan.splits = splits;
  const std::int64_t steps = splits == 1 ? p.k : (p.k + splits - 1) / splits;
  plan.depth = static_cast<double>((steps + 7) / 8 * 8);
  plan.blocks = tiles_along(p.n, tile.columns) * tiles_along(p.m, tile.rows) * static_cast<double>(p.batch) *
                static_cast<double>(splits);
  const double block_cycles =
      2.0 * tile.columns * tile.rows * (plan.depth + on.prologue_depth) / (on.flop_per_cycle * tile.share());
  const double at_once = on.multiprocessors * tile.resident;
  const double waves = whole(plan.blocks / at_once);
  const double last = plan.blocks - waves * at_once;
  const double most = last > 0 ? whole((last - 1) / on.multiprocessors) + 1 : 0;  // of one multiprocessor
  const double warps = most * tile.warps();
  // Blocks over the rate w / (w + idle) * (16 + idle) / 16, with blocks = w / warps of a block.
  const double slowed = warps >= full_warps || most == 0
                            ? most
                            : (warps + on.idle_warps) * full_warps / ((full_warps + on.idle_warps) * tile.warps());
  const auto loaded =
      static_cast<double>(std::min<std::int64_t>(tile.columns, p.n) + std::min<std::int64_t>(tile.rows, p.m));
  plan.operand_bytes = 4 * plan.blocks * loaded * plan.depth;
  plan.cycles = std::max((waves * tile.resident + slowed) * block_cycles,
                         plan.operand_bytes / (on.multiprocessors * load_bytes_per_cycle));
  return plan;
}

vector_plan choose_plan(std::span<const vector_tile> tiles, const vector_machine& on, const vector_product& p,
                        double split_cycles, double usual_depth) {
  vector_plan best;
  double least = 1e300;
  const auto depth = static_cast<double>(p.k);
  for (const vector_tile& tile : tiles) {
    const vector_plan plan = plan_with(tile, 1, on, p);
    if (plan.cycles < least) {
      least = plan.cycles;
      best = plan;
    }
    if (p.batch > 1) continue;
    const double fill = std::max(on.multiprocessors * tile.resident / plan.blocks, depth / usual_depth);
    const auto splits = static_cast<std::int64_t>(std::min(fill, depth / least_depth_of_a_split));
    // Parts are not faster than in proportion to their number: that rules many splits out.
    if (splits < 2 || plan.cycles + split_cycles * static_cast<double>(splits) > least * static_cast<double>(splits))
      continue;
    const vector_plan split = plan_with(tile, splits, on, p);
    if (split.cycles + split_cycles < least) {
      least = split.cycles + split_cycles;
      best = split;
    }
  }
  return best;
}

}  // namespace gpubench::predictor
