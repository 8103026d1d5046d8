#include <algorithm>
#include <array>
#include <cmath>

#include "predictor/attention.hpp"
#include "predictor/attention_kernel.hpp"
#include "predictor/device_memory.hpp"

namespace gpubench::predictor {
namespace {

/// Fitted on A100-SXM4-80GB and H100-SXM5-80GB together.
constexpr std::array<coefficient, 8> coefficients{{
    {"launch_seconds", 7.0e-6, 2e-6, 3e-5, 0.25},          // of the simplest kernel from a captured graph
    {"memory_efficiency", 1.02, 0.5, 1.3, 0.08},           // of the bandwidth, before compute that does not overlap
    {"tensor_efficiency", 0.5, 0.2, 0.95, 0.15},           // of the dense peak, on tiles filled up to 64 rows
    {"tile_factor", 0.86, 0.2, 5, 0.25},                   // on attention_kernel::decode_tile_seconds
    {"row_seconds", 6.8e-8, 1e-8, 5e-7, 0.25},             // of a query of one head, a multiprocessor
    {"extra_factor", 1.08, 0.2, 5, 0.3},                   // on attention_kernel::extra_seconds
    {"l2_bytes_per_clock", 22, 8, 64, 0.2},                // of a multiprocessor from L2
    {"eager_floor_seconds", 3e-5, 5e-6, 2e-4, 0.4, true},  // of a call that a framework dispatches
}};

constexpr double tile_rows = 64;
constexpr std::int64_t most_speculated = 8;
constexpr double dram_ramp_seconds = 4e-6;  // until memory streams at its full rate, and its last reads
constexpr double gddr_share = 0.92;  // of its bandwidth that GDDR reaches where HBM reaches all of the coefficient
// Latent attention has kernels of its own: 660 TFLOP/s on an H800 (FlashMLA, README), 0.67 of the peak.
constexpr double latent_gain = 1.28;
constexpr double full_enough = 0.8;        // of the slots: FlashAttention then does not split keys
constexpr double parts_of_a_combine = 24;  // parts that double the time of combining them
// Without packed groups, grouped heads are brought together by copies of the queries and the output.
constexpr double regroup_one = 0.33, regroup_all = 1.3;

bool covers(const operator_call& call) {
  const auto* a = std::get_if<models::attention>(&call.shape);
  return a && !a->backward && (a->q_len == 1 || (a->q_len <= most_speculated && a->q_len < a->kv_len));
}

// Parts that the keys of one sequence are split into so that all multiprocessors have some.
double splits(const attention_kernel& kernel, const gpu_traits& on, double tiles, double blocks, bool grouped) {
  const double slots = on.multiprocessors * kernel.split_slots;
  if (tiles >= full_enough * slots || (!grouped && !kernel.splits_ungrouped)) return 1;
  return std::max(1.0, std::floor(std::min({blocks, kernel.most_splits, slots / tiles})));
}

kernel_time time(const gpu_traits& on, const operator_call& call, const double* values) {
  const auto& a = std::get<models::attention>(call.shape);
  const attention_kernel& kernel = attention_kernel_for(on);
  const double multiprocessors = on.multiprocessors;
  const auto batch = static_cast<double>(a.batch), heads = static_cast<double>(a.heads);
  const auto kv_heads = static_cast<double>(std::max<std::int64_t>(1, a.kv_heads));
  const auto queries = static_cast<double>(a.q_len);
  const double keys = static_cast<double>(a.window > 0 ? std::min(a.kv_len, a.window + a.q_len - 1) : a.kv_len);
  const double group = heads / kv_heads;
  const double tiles = batch * kv_heads * std::ceil(group * queries / tile_rows);
  const double blocks = std::ceil(keys / attention_key_block);
  double parts = splits(kernel, on, tiles, blocks, group > 1);
  const double blocks_each = std::ceil(blocks / parts);
  parts = std::ceil(blocks / blocks_each);

  const double pair =
      attention_pair_seconds(on, call.precision, static_cast<double>(a.head_dim), static_cast<double>(a.value_width()),
                             values[2] * (a.values_in_keys ? latent_gain : 1));
  const double block = tile_rows * attention_key_block * multiprocessors * pair;
  const double chain =
      std::ceil(tiles * parts / multiprocessors) * (values[3] * kernel.decode_tile_seconds + blocks_each * block) +
      batch * heads * queries / multiprocessors * values[4];
  const double bytes = attention_bytes(a, call.precision);
  const double cached = share_in_l2(on, bytes);
  const double bandwidth = on.memory_bandwidth_bytes_per_second * values[1] * (on.stacked_memory ? 1 : gddr_share);
  const double memory =
      (1 - cached) * (bytes / bandwidth + dram_ramp_seconds) +
      cached * bytes / std::min(multiprocessors * on.boost_clock_hertz * values[6], l2_bytes_per_second(on));
  double extra = parts > 1 ? 1 + parts / parts_of_a_combine : 0;
  if (!kernel.packs_groups && group > 1) extra += regroup_one + (batch > 1 && kv_heads > 1 ? regroup_all : 0);
  const double overhead = values[0] * kernel.launches + extra * values[5] * kernel.extra_seconds;
  const double inside = std::sqrt(chain * chain + memory * memory);
  kernel_time result{overhead + inside, memory > chain ? bound::memory : bound::compute};
  if (overhead > inside) result.bound_by = bound::overhead;
  if (call.how == launch::eager && result.seconds < values[7]) result = {values[7], bound::host};
  return result;
}

feature_vector features(const operator_call& call) {
  const auto& a = std::get<models::attention>(call.shape);
  const auto octaves = [](std::int64_t size) { return std::log2(static_cast<float>(std::max<std::int64_t>(1, size))); };
  return {octaves(a.batch),
          octaves(a.kv_len),
          octaves(a.heads),
          octaves(a.kv_heads),
          octaves(a.q_len),
          octaves(a.head_dim) + (a.window > 0 ? 4.0F : 0.0F) + (a.values_in_keys ? 4.0F : 0.0F) +
              attention_type_distance(call.precision)};
}

}  // namespace

const operator_family attention_decode{"attention_decode", coefficients, covers, time, features};

}  // namespace gpubench::predictor
