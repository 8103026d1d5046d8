#include "predictor/gemm_vector.hpp"

#include <algorithm>
#include <cmath>

#include "predictor/device_memory.hpp"
#include "predictor/gemm_vector_tiles.hpp"
#include "predictor/kernel_launch.hpp"
#include "predictor/sustained_clock.hpp"

namespace gpubench::predictor {
namespace {

enum : std::size_t {
  lane_share,
  prologue_depth,
  idle_warps,
  memory_share,
  reread_rate,
  switching_energy,
  split_seconds,
  layer_floor,
  batched_floor
};

// Of P4, P100, V100, T4 and A100 together (sitar-lab/NeuSight, 2025-06-23, linear and bmm).
constexpr coefficient coefficients[] = {
    {"lane_share", 0.985, 0.6, 1.0, 0.03},
    {"prologue_depth", 10, 1, 100, 0.25},
    {"idle_warps", 2.2, 0.2, 30, 0.3},
    {"memory_share", 0.77, 0.3, 1.0, 0.15},
    {"reread_rate", 0.7, 0.1, 3, 0.2},
    {"switching_energy", 1.15, 0.5, 2, 0.15},
    {"eager_split_seconds", 28e-6, 2e-6, 100e-6, 0.3},
    {"eager_floor_seconds", 55e-6, 10e-6, 400e-6, 0.4, true},
    {"eager_batched_floor_seconds", 32e-6, 10e-6, 400e-6, 0.4, true},
};

constexpr double captured_split_seconds = 4e-6;  // one more small kernel in the queue
constexpr double split_gain_seconds = 12e-6;     // less than this is not worth it to cuBLAS
/// On Volta and Turing cuBLAS sums a long k in parts of about this length, however many blocks there are.
constexpr double usual_part = 3000;
constexpr double bias_share = 0.6;
constexpr double delay_share = 0.6;  // of the floor, until the kernel starts
/// Multiprocessors with 128 lanes issue one instruction a clock for each 32 lanes since Ampere: what is not a
/// multiply-add takes its place. cuBLAS reaches about 50 of the 67 TFLOP/s of an H100-SXM, 18 of the 19.5 of an A100.
constexpr double wide_share = 0.82;
constexpr double typical_activity = 0.85;
/// Energy of moving operands next to that of the arithmetic, per 1/columns + 1/rows; 1 at 128 x 64. From the rates
/// that T4 keeps with tiles of 128 x 64, 64 x 64 and 128 x 32.
constexpr double tile_energy = 25, usual_borders = 1.0 / 128 + 1.0 / 64;
constexpr double memory_share_of_power = 0.3;  // of the bandwidth, in the power balance
constexpr double burst_seconds = 2e-3, burst_share = 0.45;

double lanes_of(const gpu_traits& on) {
  return on.vector_fp32_flop_per_second / (2 * on.multiprocessors * on.boost_clock_hertz);
}

bool sums_in_parts(const gpu_traits& on) {
  return on.generation >= 1 && on.generation < 2;
}

/// Share of the boost clock.
double clock_share(const gpu_traits& on, const vector_tile& tile, double activity, double energy, bool eager,
                   double seconds_at_boost) {
  power_load load;
  load.unit = arithmetic_unit::vector_fp32_product;
  load.flop_per_cycle = activity * on.vector_fp32_flop_per_second / on.boost_clock_hertz * energy *
                        (1 + tile_energy * tile.borders()) / (1 + tile_energy * usual_borders);
  load.memory_bytes_per_second = memory_share_of_power * on.memory_bandwidth_bytes_per_second;
  const double sustained = sustained_clock_hertz(on, load) / on.boost_clock_hertz;
  if (!eager) return sustained;
  return sustained + (1 - sustained) * burst_share / (1 + seconds_at_boost / burst_seconds);
}

/// Time of operand loads that miss L2, see the header.
double reread_seconds(const gpu_traits& on, const vector_plan& plan, double rows, double read_bytes, double rate) {
  const double depth = sums_in_parts(on) ? std::min(plan.depth, usual_part) : plan.depth;
  const double held = std::min(rows, 1e4) * 4 * 5.7 * std::sqrt(depth * std::sqrt(depth));
  const double l2 = on.l2_bytes / (4 << 20), root = std::sqrt(l2);
  const double x = held / (190e6 * l2 * root * std::sqrt(root));
  const double u = x * x;
  // A 64 x 64 tile reads half as long pieces; GDDR fetches 64 bytes at least.
  const double waste = plan.tile->threads == 64 && !on.stacked_memory ? 1.8 : 1;
  const double bytes = std::max(0.0, plan.operand_bytes - read_bytes) * waste * u / (1 + u);
  return bytes / (rate * (on.generation < 1 ? 1 : 2) * std::sqrt(on.memory_bandwidth_bytes_per_second * 200e9));
}

kernel_time time(const gpu_traits& on, const operator_call& call, const double* values) {
  const auto& g = std::get<models::gemm>(call.shape);
  const auto m = static_cast<double>(g.m), n = static_cast<double>(g.n), k = static_cast<double>(g.k);
  const auto batch = static_cast<double>(g.batch);
  const bool layer = g.batch == 1, eager = call.how == launch::eager;
  const double floor = values[layer ? layer_floor : batched_floor];
  const double stream_rate = on.memory_bandwidth_bytes_per_second * typical_stream_share(on);
  const double read_bytes = 4 * batch * (m * k + n * k), result_bytes = 4 * batch * m * n;
  if (g.m == 1 || g.n == 1) {
    return launched(call, (read_bytes + result_bytes) / stream_rate, bound::memory, floor, delay_share);
  }
  const double lanes = lanes_of(on);
  const double activity = lanes > 96 && on.generation > 2 ? wide_share : 1;
  const vector_machine machine{on.multiprocessors, 2 * lanes * activity * values[lane_share], values[prologue_depth],
                               values[idle_warps]};
  const vector_plan plan = choose_plan(vector_tiles(on.generation, !layer), machine, {g.m, g.n, g.k, g.batch},
                                       split_gain_seconds * on.boost_clock_hertz, sums_in_parts(on) ? usual_part : 1e9);
  const double sum_seconds = eager ? values[split_seconds] : captured_split_seconds;
  const double at_boost = plan.cycles / on.boost_clock_hertz;
  const double arithmetic =
      at_boost / clock_share(on, *plan.tile, typical_activity * activity, values[switching_energy], eager, at_boost);
  const bool split = plan.splits > 1;
  const double written =
      result_bytes * (1 + (layer ? bias_share : 0) + (split ? 2 * static_cast<double>(plan.splits) : 0));
  const double streams = (read_bytes + written) / (stream_rate * values[memory_share]);
  const double again = layer ? reread_seconds(on, plan, m + n, read_bytes, values[reread_rate]) : 0;
  const double busy = overlapped(arithmetic, streams) + again + (split ? sum_seconds : 0);
  return launched(call, busy, streams + again > arithmetic ? bound::memory : bound::compute, floor, delay_share);
}

bool covers(const operator_call& call) {
  return std::holds_alternative<models::gemm>(call.shape) && call.precision == models::precision::fp32;
}

feature_vector features(const operator_call& call) {
  const auto& g = std::get<models::gemm>(call.shape);
  const auto log2_of = [](std::int64_t size) {
    return static_cast<float>(std::log2(static_cast<double>(std::max<std::int64_t>(size, 1))));
  };
  // Layers and batched products are apart by more octaves than sizes can bridge; an eager call holds the same kernel.
  return {log2_of(g.m),
          log2_of(g.n),
          log2_of(g.k),
          log2_of(g.batch),
          g.batch > 1 ? 16.0F : 0.0F,
          launch_distance(call.how)};
}

}  // namespace

const operator_family gemm_vector{"gemm_vector", coefficients, covers, time, features};

}  // namespace gpubench::predictor
