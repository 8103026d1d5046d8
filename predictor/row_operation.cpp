#include "predictor/row_operation.hpp"

#include <algorithm>
#include <cmath>

#include "predictor/device_memory.hpp"
#include "predictor/kernel_launch.hpp"

namespace gpubench::predictor {
namespace {

using models::row_operation;

enum : std::size_t { memory_share, row_cycles, first_wave, softmax_floor, normalization_floor, eager_delay_share };

// Of all GPUs of the fp32 operator measurements together (sitar-lab/NeuSight, 2025-06-23): softmax and layer
// normalisation on P4, P100, V100, T4, A100.
constexpr coefficient coefficients[] = {
    {"memory_share", 0.91, 0.75, 1.12, 0.06},
    {"row_cycles", 680, 100, 2000, 0.3},
    {"first_wave", 0.48, 0.05, 0.6, 0.3},
    {"softmax_eager_floor_seconds", 35e-6, 2e-6, 300e-6, 0.4, true},
    {"normalization_eager_floor_seconds", 48e-6, 2e-6, 300e-6, 0.4, true},
    {"eager_delay_share", 0.6, 0.1, 0.95, 0.15},
};

/// A block of softmax keeps sums only; one of a normalisation merges means and variances.
constexpr double softmax_row_share = 0.5;
constexpr double warp_softmax_cols = 1024;
constexpr double first_wave_of_warps = 0.05;  // without a block's barriers little is done in step
constexpr double cycles_per_value = 0.3;      // with 64 fp32 lanes

const row_operation& shape_of(const operator_call& call) {
  return std::get<row_operation>(call.shape);
}

bool covers(const operator_call& call) {
  return std::holds_alternative<row_operation>(call.shape);
}

/// How a row is worked on.
struct row_plan {
  double warps = 1;        ///< of a row
  double accesses = 2;     ///< reads and writes of every value that must go to device memory
  double later_reads = 0;  ///< of every value, which the caches may serve
  double first_wave = 0;   ///< see row_operation_family
};

row_plan plan_of(const row_operation& r, double first_wave) {
  const auto cols = static_cast<double>(r.cols);
  if (r.what == row_operation::kind::softmax) {
    // Backward reads the gradient and the output, and both again for blocks.
    const double accesses = r.backward ? 3 : 2;
    if (cols <= warp_softmax_cols) return {1, accesses, 0, first_wave_of_warps};
    return {cols > 2 * warp_softmax_cols ? 16.0 : 8.0, accesses, 2, first_wave};
  }
  // Backward is two kernels: gradient of the input (reads gradient and input, writes), then of the parameters, which
  // reads both once more.
  return {4, r.backward ? 5.0 : 2.0, r.backward ? 2.0 : 1.0, first_wave};
}

kernel_time time(const gpu_traits& on, const operator_call& call, const double* values) {
  const row_operation& r = shape_of(call);
  const row_plan plan = plan_of(r, values[first_wave]);
  const auto rows = static_cast<double>(r.rows), cols = static_cast<double>(r.cols);
  const double row_bytes = cols * models::bytes_per_element(call.precision);
  const double concurrent_rows = on.multiprocessors * resident_threads(on) / (32 * plan.warps);
  const double under_way = std::min(rows, concurrent_rows) * row_bytes;
  const double missed = std::clamp(under_way / near_cache_bytes(on) - 0.3, 0.0, 1.0);
  const double values_bytes = rows * row_bytes;
  const double bytes = values_bytes * (plan.accesses + plan.later_reads * missed) + 2 * row_bytes;
  const double memory = transfer_seconds(on, bytes, plan.accesses * values_bytes, values[memory_share]);

  const double lanes = on.vector_fp32_flop_per_second / (2 * on.multiprocessors * on.boost_clock_hertz);
  const double kernels = r.backward && r.what != row_operation::kind::softmax ? 2 : 1;
  const double merging = r.what == row_operation::kind::softmax ? softmax_row_share : 1;
  const double cycles = values[row_cycles] * merging * plan.warps / 4 + cycles_per_value * cols * 64 / lanes;
  const double row = kernels * rows * cycles / (on.multiprocessors * on.boost_clock_hertz);

  const double in_step = 1 + plan.first_wave / (1 + rows / (3 * concurrent_rows));
  const double floor = values[r.what == row_operation::kind::softmax ? softmax_floor : normalization_floor];
  return launched(call, overlapped(memory, row) * in_step + (kernels - 1) * kernel_start_seconds,
                  memory >= row ? bound::memory : bound::compute, floor, values[eager_delay_share]);
}

// The kind of kernel is a step of an octave and more; launch as for streaming operators.
feature_vector features(const operator_call& call) {
  const row_operation& r = shape_of(call);
  const bool long_softmax = r.what == row_operation::kind::softmax && static_cast<double>(r.cols) > warp_softmax_cols;
  return {static_cast<float>(std::log2(static_cast<double>(std::max<std::int64_t>(r.rows, 1)))),
          static_cast<float>(std::log2(static_cast<double>(std::max<std::int64_t>(r.cols, 1)))),
          static_cast<float>(static_cast<int>(r.what) * 8 + (r.backward ? 32 : 0)),
          long_softmax ? 2.0F : 0.0F,
          static_cast<float>(std::log2(models::bytes_per_element(call.precision))) * 2,
          launch_distance(call.how)};
}

}  // namespace

const operator_family row_operation_family{"row_operation", coefficients, covers, time, features};

}  // namespace gpubench::predictor
