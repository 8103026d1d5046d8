#include "predictor/convolution.hpp"

#include <algorithm>
#include <cmath>

#include "predictor/convolution_tiles.hpp"
#include "predictor/device_memory.hpp"
#include "predictor/kernel_launch.hpp"
#include "predictor/sustained_clock.hpp"

namespace gpubench::predictor {
namespace {

using models::convolution;
using models::precision;

enum : std::size_t {
  implicit_share,
  fused_winograd_share,
  winograd_share,
  tensor_share,
  memory_share,
  block_tail,
  eager_floor,
  eager_extra_flop
};

// All but tensor_share: of all GPUs of the fp32 operator measurements together (sitar-lab/NeuSight, 2025-06-23: 3x3
// convolutions of stride 1 on P4, P100, V100, T4). tensor_share: ResNet-50 as a whole, see docs/prediction.md.
constexpr coefficient coefficients[] = {
    {"implicit_share", 0.87, 0.4, 1.0, 0.1},
    {"fused_winograd_share", 0.62, 0.3, 0.85, 0.1},
    {"winograd_share", 0.69, 0.3, 0.95, 0.1},
    {"tensor_share", 0.58, 0.2, 0.95, 0.15},
    {"memory_share", 1.0, 0.75, 1.0, 0.05},
    {"block_tail", 1.04, 0.3, 1.5, 0.2},
    {"eager_floor_seconds", 75e-6, 10e-6, 500e-6, 0.1, true},
    {"eager_extra_flop", 1.45e9, 1e7, 2e10, 0.4},
};

constexpr tile_shape vector_tiles[] = {{128, 32, 0.85}, {128, 64, 1.0}, {128, 128, 1.05}};
constexpr tile_shape tensor_tiles[] = {{64, 64, 0.65}, {128, 64, 0.8}, {128, 128, 1.0}, {256, 128, 1.1}};
constexpr double vector_extra_depth = 24, tensor_extra_depth = 64;
/// What block_tail is on tensor cores: libraries choose among more kernels there, for tiles and splits of any product.
constexpr double tensor_tail = 0.5;
constexpr double winograd_start_seconds = 10e-6;  // of its four or five kernels

/// Multiprocessors with 128 lanes that came after Pascal feed them from a shared memory as wide as that of 64 lanes
/// before; kernels written for those reach less of the peak.
constexpr double wide_share = 0.85;
/// Energy of the arithmetic next to that of a matrix product of random values, from which the power constants come:
/// what P4 and T4 keep of their clocks in large convolutions.
constexpr double activity = 0.85;

const convolution& shape_of(const operator_call& call) {
  return std::get<convolution>(call.shape);
}

bool covers(const operator_call& call) {
  return std::holds_alternative<convolution>(call.shape);
}

/// What the algorithms share.
struct machine {
  const gpu_traits& on;
  double fma_per_second;  ///< of one multiprocessor, all lanes in use, at the clock that it keeps
  double memory_rate;     ///< bytes/s
};

bool on_tensor_cores(const gpu_traits& on, precision p) {
  return p != precision::fp32 && p != precision::fp64 && on.generation >= 1 && on.peak_of(p) > 0;
}

machine machine_of(const gpu_traits& on, precision p, double share_of_memory, double tensor_share_of_peak) {
  const bool tensor = on_tensor_cores(on, p);
  double peak = on.peak_of(p) > 0 ? on.peak_of(p) : on.vector_fp32_flop_per_second;
  // The libraries' kernels in fp64 do not use tensor cores.
  if (p == precision::fp64 && on.vector_fp64_flop_per_second > 0) peak = on.vector_fp64_flop_per_second;
  power_load load;
  load.unit = tensor                 ? tensor_unit_of(p)
              : p == precision::fp64 ? arithmetic_unit::vector_fp64
                                     : arithmetic_unit::vector_fp32;
  load.flop_per_cycle = (tensor ? tensor_share_of_peak : activity) * peak / on.boost_clock_hertz;
  const double clock_share = sustained_clock_hertz(on, load) / on.boost_clock_hertz;
  const double lanes = on.vector_fp32_flop_per_second / (2 * on.multiprocessors * on.boost_clock_hertz);
  if (!tensor && lanes > 96 && on.generation > 2) peak *= wide_share;
  return {on, peak * clock_share / (2 * on.multiprocessors),
          on.memory_bandwidth_bytes_per_second * typical_stream_share(on) * share_of_memory};
}

double implicit_seconds(const machine& m, const convolution& c, bool tensor, double channel_multiple, double share,
                        double tail) {
  const implicit_product product = product_of(c, channel_multiple);
  const bool split = tensor || c.pass == models::pass::backward_weights;
  double best = 1e300;
  const auto consider = [&](const tile_shape& tile, double extra_depth) {
    best = std::min(best, tiled_steps(product, tile, m.on.multiprocessors, tail, extra_depth, split));
  };
  if (tensor) {
    for (const tile_shape& tile : tensor_tiles) consider(tile, tensor_extra_depth);
  } else {
    for (const tile_shape& tile : vector_tiles) consider(tile, vector_extra_depth);
  }
  return best / (m.fma_per_second * share);
}

/// Channels that a pass sums over and channels of what it writes, pixels of the latter.
struct winograd_shape {
  double from, to, tiles2, tiles4;
};

winograd_shape winograd_shape_of(const convolution& c) {
  const bool back = c.pass == models::pass::backward_data;
  const auto images = static_cast<double>(c.n);
  const auto height = static_cast<double>(back ? c.height : c.out_height());
  const auto width = static_cast<double>(back ? c.width : c.out_width());
  return {static_cast<double>(back ? c.c_out : c.c_in), static_cast<double>(back ? c.c_in : c.c_out),
          images * rounded_up(height / 2) * rounded_up(width / 2),
          images * rounded_up(height / 4) * rounded_up(width / 4)};
}

double fused_winograd_seconds(const machine& m, const winograd_shape& w, double share, double tail) {
  const double blocks = rounded_up(w.to / 32) * rounded_up(w.tiles2 / 32);
  // 32 x 32 x 16 multiply-adds a channel; the transforms before and after cost a block as much as 16 channels.
  return (waves_of(blocks, m.on.multiprocessors) + tail) * 16384 * (w.from + 16) / (m.fma_per_second * share);
}

double winograd_seconds(const machine& m, const convolution& c, const winograd_shape& w, double least_bytes,
                        double share, double tail) {
  const bool weights = c.pass == models::pass::backward_weights;
  // The gradient of the weights sums over tiles instead of channels.
  const double blocks = 36 * rounded_up((weights ? w.from : w.tiles4) / 64) * rounded_up(w.to / 64);
  const double depth = weights ? w.tiles4 : w.from;
  const double waves = blocks / m.on.multiprocessors + (weights ? 0 : tail);
  const double products = waves * 4096 * (depth + 8) / (m.fma_per_second * share);
  // Inputs, outputs and weights in transformed form, 36 values a tile, written once and read once.
  const double transformed = 36 * 4 * (2 * w.tiles4 * (w.from + w.to) + w.from * w.to);
  return products + (least_bytes + transformed) / m.memory_rate + winograd_start_seconds;
}

/// Of alternatives the fastest, or up to 13 % less where all are alike: some shapes suit the one, some another better
/// than the models say. A negative eighth-power norm.
class fastest_of {
 public:
  void add(double seconds) {
    const double rate2 = 1 / (seconds * seconds), rate4 = rate2 * rate2;
    sum_ += rate4 * rate4;
  }
  double seconds() const { return 1 / std::sqrt(std::sqrt(std::sqrt(sum_))); }

 private:
  double sum_ = 0;
};

kernel_time time_in(const gpu_traits& on, const operator_call& call, const double* values) {
  const convolution& c = shape_of(call);
  const bool tensor = on_tensor_cores(on, call.precision);
  const machine m = machine_of(on, call.precision, values[memory_share], values[tensor_share]);
  const double least_bytes = models::work_of(call.shape, call.precision).bytes;
  // Tensor cores take channels last, frameworks keep 32-bit tensors channels first: both are copied to the other order
  // and back. With it A100 trains ResNet-50 in TF32 as fast as NVIDIA publishes (938 images/s), without 40 % faster.
  const double copied_bytes = call.precision == precision::tf32 && tensor ? 2 * least_bytes : 0;
  const double memory = transfer_seconds(on, least_bytes, least_bytes, values[memory_share]);
  const double multiple = tensor ? 16 / models::bytes_per_element(call.precision) : 1;
  const double arithmetic = implicit_seconds(m, c, tensor, multiple, values[tensor ? tensor_share : implicit_share],
                                             tensor ? tensor_tail : values[block_tail]);
  fastest_of algorithms;
  algorithms.add(overlapped(arithmetic, memory));
  if (!tensor && call.precision == precision::fp32 && c.kernel == 3 && c.stride == 1) {
    const winograd_shape w = winograd_shape_of(c);
    if (c.pass != models::pass::backward_weights) {
      algorithms.add(
          overlapped(fused_winograd_seconds(m, w, values[fused_winograd_share], values[block_tail]), memory));
    }
    algorithms.add(winograd_seconds(m, c, w, least_bytes, values[winograd_share], values[block_tail]));
  }
  const double best = algorithms.seconds() + copied_bytes / m.memory_rate;
  const bound by = memory > 0.7 * best ? bound::memory : bound::compute;
  const double kernel = kernel_start_seconds + best;
  if (call.how != launch::eager) return {kernel, by};
  const double around = values[eager_floor] + values[eager_extra_flop] / on.vector_fp32_flop_per_second;
  return {kernel + around, around > kernel ? bound::overhead : by};
}

/// The libraries take kernels in fp32 where those on tensor cores, or in a narrow type without them, are slower.
kernel_time time(const gpu_traits& on, const operator_call& call, const double* values) {
  const kernel_time found = time_in(on, call, values);
  if (call.precision == precision::fp32 || call.precision == precision::fp64) return found;
  operator_call wide = call;
  wide.precision = precision::fp32;
  const kernel_time other = time_in(on, wide, values);
  return other.seconds < found.seconds ? other : found;
}

feature_vector features(const operator_call& call) {
  const convolution& c = shape_of(call);
  const auto log2_of = [](std::int64_t size) {
    return static_cast<float>(std::log2(static_cast<double>(std::max<std::int64_t>(size, 1))));
  };
  const auto kind = static_cast<float>(4 * (c.kernel - 1) + 8 * (c.stride - 1) + 64 * static_cast<int>(c.pass));
  const auto element = static_cast<float>(std::log2(models::bytes_per_element(call.precision)));
  return {log2_of(c.n),
          log2_of(c.c_in),
          log2_of(c.c_out),
          log2_of(c.height * c.width) / 2,
          kind,
          4 * element + launch_distance(call.how)};
}

}  // namespace

const operator_family convolution_family{"convolution", coefficients, covers, time, features};

}  // namespace gpubench::predictor
