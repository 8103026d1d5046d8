#include "predictor/streaming.hpp"

#include <cmath>

#include "predictor/device_memory.hpp"
#include "predictor/kernel_launch.hpp"

namespace gpubench::predictor {
namespace {

enum : std::size_t { memory_share, vector_share, eager_floor, eager_delay_share };

// Of all GPUs of the fp32 operator measurements together (sitar-lab/NeuSight, 2025-06-23): element-wise operators on
// P4, P100, V100, T4, A100. Shares of the bandwidth are relative to typical_stream_share().
constexpr coefficient coefficients[] = {
    {"memory_share", 1.0, 0.75, 1.12, 0.05},
    {"vector_share", 0.7, 0.2, 1.0, 0.2},
    {"eager_floor_seconds", 30e-6, 2e-6, 300e-6, 0.4, true},
    {"eager_delay_share", 0.47, 0.1, 0.95, 0.2},
};

const models::streaming& shape_of(const operator_call& call) {
  return std::get<models::streaming>(call.shape);
}

bool covers(const operator_call& call) {
  return std::holds_alternative<models::streaming>(call.shape);
}

kernel_time time(const gpu_traits& on, const operator_call& call, const double* values) {
  const models::streaming& s = shape_of(call);
  const double memory = transfer_seconds(on, s.bytes, s.bytes, values[memory_share]);
  const double compute = s.flop / (on.vector_fp32_flop_per_second * values[vector_share]);
  return launched(call, overlapped(memory, compute), memory >= compute ? bound::memory : bound::compute,
                  values[eager_floor], values[eager_delay_share]);
}

// Operators with as many FLOP a byte are alike: the second coordinate tells them apart, by an octave and more for the
// usual element-wise ones. The third keeps eager calls, which hold the host's time, from speaking for captured ones.
feature_vector features(const operator_call& call) {
  const models::streaming& s = shape_of(call);
  const double bytes = std::fmax(s.bytes, 1);
  return {static_cast<float>(std::log2(bytes)), static_cast<float>(4 * std::log2(1 + 8 * s.flop / bytes)),
          launch_distance(call.how)};
}

}  // namespace

const operator_family streaming_family{"streaming", coefficients, covers, time, features};

}  // namespace gpubench::predictor
