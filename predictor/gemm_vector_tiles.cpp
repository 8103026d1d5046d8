#include "predictor/gemm_vector_tiles.hpp"

#include <algorithm>
#include <array>
#include <cmath>

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
/// Cost of a tile's borders, in lanes: reads of shared memory beside the multiply-adds.
constexpr double border_lanes = 6.4;

double rate_of(double blocks, int threads, double idle_warps) {
  const double warps = blocks * threads / 32;
  return (1 + idle_warps / full_warps) * warps / (warps + idle_warps);
}

std::int64_t tiles_along(std::int64_t size, int tile) {
  return (size + tile - 1) / tile;
}

}  // namespace

std::span<const vector_tile> vector_tiles(double generation, bool batched) {
  if (!batched) return generation < 1 ? std::span<const vector_tile>(layer_pascal) : layer;
  if (generation < 1) return batched_pascal;
  if (generation < 1.4) return batched_volta;
  if (generation < 2) return batched_turing;
  return batched_ampere;
}

double tile_share(const vector_tile& tile) {
  return 1 / (1 + border_lanes * (1.0 / tile.columns + 1.0 / tile.rows));
}

vector_plan plan_with(const vector_tile& tile, double splits, const vector_machine& on, std::int64_t m, std::int64_t n,
                      std::int64_t k, std::int64_t batch) {
  vector_plan plan;
  plan.tile = &tile;
  plan.splits = splits;
  plan.depth = std::ceil(static_cast<double>(k) / splits / 8) * 8;
  const auto tiles =
      static_cast<double>(tiles_along(n, tile.columns) * tiles_along(m, tile.rows)) * static_cast<double>(batch);
  plan.blocks = tiles * splits;
  const double block_cycles = 2.0 * tile.columns * tile.rows * (plan.depth + on.prologue_depth) /
                              (on.flop_per_cycle * on.share * tile_share(tile));
  const double at_once = on.multiprocessors * tile.resident;
  const double waves = std::floor(plan.blocks / at_once);
  const double rest = std::ceil((plan.blocks - waves * at_once) / on.multiprocessors);
  plan.cycles = waves * tile.resident * block_cycles / rate_of(tile.resident, tile.threads, on.idle_warps);
  if (rest > 0) plan.cycles += rest * block_cycles / rate_of(rest, tile.threads, on.idle_warps);
  const double loaded =
      static_cast<double>(std::min<std::int64_t>(tile.columns, n) + std::min<std::int64_t>(tile.rows, m));
  plan.operand_bytes = plan.blocks * loaded * plan.depth * 4;
  plan.cycles = std::max(plan.cycles, plan.operand_bytes / (on.multiprocessors * load_bytes_per_cycle));
  return plan;
}

vector_plan choose_plan(std::span<const vector_tile> tiles, const vector_machine& on, std::int64_t m, std::int64_t n,
                        std::int64_t k, std::int64_t batch, double split_cycles) {
  vector_plan best;
  double least = 1e300;
  for (const vector_tile& tile : tiles) {
    const vector_plan whole = plan_with(tile, 1, on, m, n, k, batch);
    if (whole.cycles < least) {
      least = whole.cycles;
      best = whole;
    }
    const double fill = on.multiprocessors * tile.resident / whole.blocks;
    const double splits = std::floor(std::min(fill, static_cast<double>(k) / least_depth_of_a_split));
    // A split cannot be faster than the same work in equal parts, so many are ruled out without a closer look.
    if (batch > 1 || splits < 2 || whole.cycles / splits + split_cycles > least) continue;
    const vector_plan split = plan_with(tile, splits, on, m, n, k, batch);
    if (split.cycles + split_cycles < least) {
      least = split.cycles + split_cycles;
      best = split;
    }
  }
  return best;
}

}  // namespace gpubench::predictor
