#include <algorithm>
#include <array>
#include <cmath>

#include "predictor/attention.hpp"
#include "predictor/attention_kernel.hpp"

namespace gpubench::predictor {
namespace {

/// Fitted on A100-SXM4-80GB and H100-SXM5-80GB together.
constexpr std::array<coefficient, 7> coefficients{{
    {"launch_seconds", 7.2e-6, 2e-6, 3e-5, 0.25},          // of the simplest kernel from a captured graph
    {"tensor_efficiency", 0.69, 0.2, 0.95, 0.12},          // of the dense peak, long prompts
    {"io_bytes_per_clock", 6.1, 2, 30, 0.2},               // queries, keys, values and output, a multiprocessor
    {"tile_factor", 1.25, 0.2, 5, 0.3},                    // on attention_kernel::tile_seconds
    {"lone_tile_factor", 0.9, 0.3, 3, 0.2},                // on attention_kernel::lone_tile
    {"cache_write_factor", 0.94, 0.1, 5, 0.4},             // on attention_kernel::write_seconds
    {"eager_floor_seconds", 3e-5, 5e-6, 2e-4, 0.4, true},  // of a call that a framework dispatches
}};

constexpr double dram_efficiency = 0.9;
constexpr std::int64_t least_cache_of_split = 4;  // keys a query, from which on they are split
constexpr double full_enough = 0.8;               // of the multiprocessors: keys are then not split
constexpr double parts_of_a_combine = 24;         // parts that double the time of combining them
constexpr double resident_threads = 2048;         // of a multiprocessor
constexpr double most_write_threads = 512;        // of the block that writes one token's keys and values
// Gradients take 2.5 times the forward FLOP, and their kernels reach 0.8 of its rate (forward and backward rates at 128
// columns in both FlashAttention papers); they read and write twice the data in three kernels.
constexpr double backward_work = 2.5 / 0.8, backward_bytes = 2, backward_launches = 3;

bool covers(const operator_call& call) {
  return std::holds_alternative<models::attention>(call.shape) && !attention_decode.covers(call);
}

struct tiling {
  double tiles = 1;           // of one head, or of the heads of a group
  double blocks = 1;          // key blocks of a tile, on average
  double longest_blocks = 1;  // of the last tile
};

// Tile i of n sees the keys before the first query and `span` more for each tile up to it, at most all, or those of
// the window. Sum over the tiles in closed form; a part of a key block costs a whole one, half a block too many a tile
// on average where tiles do not end with blocks.
tiling tile_rows(const models::attention& a, const attention_kernel& kernel) {
  const auto q = static_cast<double>(a.q_len), keys = static_cast<double>(a.kv_len);
  const double group = kernel.packs_groups
                           ? static_cast<double>(a.heads) / static_cast<double>(std::max<std::int64_t>(1, a.kv_heads))
                           : 1;
  tiling t;
  t.tiles = std::ceil(q * group / kernel.tile_rows);
  const double window = a.window > 0 ? std::min(static_cast<double>(a.window), keys) : keys;
  if (!a.causal) {
    t.blocks = t.longest_blocks = std::ceil(window / attention_key_block);
    return t;
  }
  const double span = kernel.tile_rows / group;
  const double first = std::max(0.0, keys - q);
  const double most = std::min(keys, window + span);
  const double n = t.tiles;
  const double growing = std::clamp(std::floor((most - first) / span), 0.0, n);
  const double seen = growing * first + span * growing * (growing + 1) / 2 + (n - growing) * most;
  const double waste = keys > attention_key_block ? 0.5 * (1 - std::min(span / attention_key_block, 1.0)) : 0;
  t.blocks = std::max(1.0, seen / n / attention_key_block + waste);
  t.longest_blocks = std::ceil(std::min(most, first + n * span) / attention_key_block);
  if (keys <= attention_key_block) t.blocks = 1;
  return t;
}

/// Parts that the keys behind a short chunk of a prompt are split into, so that its few tiles use all multiprocessors:
/// by FlashAttention-3 as in decoding (hopper/heuristics.h), not by FlashAttention-2 for more than one query.
double parts_of(const models::attention& a, const attention_kernel& kernel, double multiprocessors, double tiles,
                double blocks) {
  if (!kernel.packs_groups || a.backward || a.kv_len < least_cache_of_split * a.q_len ||
      tiles >= full_enough * multiprocessors)
    return 1;
  return std::max(1.0, std::floor(std::min({blocks, kernel.most_splits, multiprocessors / tiles})));
}

kernel_time time(const gpu_traits& on, const operator_call& call, const double* values) {
  const auto& a = std::get<models::attention>(call.shape);
  const attention_kernel& kernel = attention_kernel_for(on);
  const tiling t = tile_rows(a, kernel);
  const double multiprocessors = on.multiprocessors;
  const auto key_width = static_cast<double>(a.head_dim), value_width = static_cast<double>(a.value_width());
  const double heads = static_cast<double>(kernel.packs_groups ? a.kv_heads : a.heads);
  const double tiles = static_cast<double>(a.batch) * heads * t.tiles;
  double block = kernel.tile_rows * attention_key_block * multiprocessors *
                 attention_pair_seconds(on, call.precision, key_width, value_width, values[1] * kernel.tensor_share);
  if (a.backward) block *= backward_work;
  const double prologue = values[3] * kernel.tile_seconds;
  // Tiles of one length would take whole waves; the longest of unequal ones bounds them from below.
  const double parts = parts_of(a, kernel, multiprocessors, tiles, t.blocks);
  const double waves = (t.blocks / parts * block + prologue) * std::ceil(tiles * parts / multiprocessors);
  const double longest = (t.longest_blocks / parts * block + prologue) * values[4] * kernel.lone_tile;
  const double waves2 = waves * waves, longest2 = longest * longest;
  const double compute2 = std::sqrt(waves2 * waves2 + longest2 * longest2);
  const double bytes = attention_bytes(a, call.precision) * (a.backward ? backward_bytes : 1);
  const double io = bytes / (multiprocessors * on.boost_clock_hertz * values[2]);
  const double dram = bytes * (1 - share_in_l2(on, bytes)) / (on.memory_bandwidth_bytes_per_second * dram_efficiency);
  const double inside = std::sqrt(compute2 + io * io);
  const double launches = values[0] * kernel.launches * (a.backward ? backward_launches : 1);
  double seconds = launches + std::max(inside, dram);
  if (parts > 1) seconds += (1 + parts / parts_of_a_combine) * kernel.extra_seconds;
  if (a.writes_cache && call.how == launch::captured) {  // a block a token
    const double threads =
        std::min(most_write_threads, static_cast<double>(a.kv_heads) * (key_width + value_width) / 2);
    seconds += static_cast<double>(a.batch) * static_cast<double>(a.q_len) * threads /
               (resident_threads * multiprocessors) * kernel.write_seconds * values[5];
  }
  kernel_time result{seconds, bound::compute};
  if (launches > 0.5 * seconds) {
    result.bound_by = bound::overhead;
  } else if (dram >= inside || io * io > compute2) {
    result.bound_by = bound::memory;
  }
  if (call.how == launch::eager && seconds < values[6]) result = {values[6], bound::host};
  return result;
}

feature_vector features(const operator_call& call) {
  const auto& a = std::get<models::attention>(call.shape);
  const auto octaves = [](std::int64_t size) { return std::log2(static_cast<float>(std::max<std::int64_t>(1, size))); };
  return {octaves(a.batch),
          octaves(a.q_len),
          octaves(a.kv_len),
          octaves(a.heads),
          octaves(a.kv_heads),
          octaves(a.head_dim) + (a.backward ? 8.0F : 0.0F) + (a.window > 0 ? 4.0F : 0.0F) + (a.causal ? 0.0F : 4.0F) +
              attention_type_distance(call.precision)};
}

}  // namespace

const operator_family attention_prefill{"attention_prefill", coefficients, covers, time, features};

}  // namespace gpubench::predictor
