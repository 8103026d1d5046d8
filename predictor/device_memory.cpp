#include "predictor/device_memory.hpp"

#include <algorithm>

namespace gpubench::predictor {
namespace {

// Places of generation_of().
constexpr double volta = 0.9, turing = 1.4, ampere = 2.4, ada = 2.9, hopper = 3.4, not_nvidia = 10;

/// Streams write too, and their reads are not those of a benchmark that keeps every line in use.
constexpr double l2_stream_share = 0.6;
constexpr double warm_share_of_l2 = 0.6;

}  // namespace

double typical_stream_share(const gpu_traits& on) {
  if (on.generation > not_nvidia) return 0.82;
  if (on.stacked_memory)
    return on.generation < volta ? 0.75 : on.generation < turing ? 0.90 : on.generation < hopper ? 0.88 : 0.91;
  return on.generation < ampere ? 0.75 : on.generation < ada ? 0.88 : on.generation < hopper ? 0.90 : 0.92;
}

double l2_bytes_per_second(const gpu_traits& on) {
  const double bytes_per_clock = on.generation < ampere ? 20 : on.stacked_memory ? 36 : 15;
  return bytes_per_clock * on.multiprocessors * on.boost_clock_hertz;
}

double near_cache_bytes(const gpu_traits& on) {
  return on.l2_bytes + (on.generation < volta ? 0 : 65536 * on.multiprocessors);
}

double missed_share(double working_set_bytes, double l2_bytes) {
  return std::clamp((working_set_bytes / l2_bytes - warm_share_of_l2) / (1 - warm_share_of_l2), 0.0, 1.0);
}

double resident_threads(const gpu_traits& on) {
  if (on.generation < turing || on.generation > not_nvidia || (on.stacked_memory && on.generation >= ampere))
    return 2048;
  return on.generation < ampere ? 1024 : 1536;
}

double transfer_seconds(const gpu_traits& on, double bytes, double working_set_bytes, double share) {
  const double memory_rate = on.memory_bandwidth_bytes_per_second * typical_stream_share(on) * share;
  const double missed = missed_share(working_set_bytes, on.l2_bytes);
  const double cache_rate = std::max(memory_rate, l2_stream_share * l2_bytes_per_second(on));
  return bytes * (missed / memory_rate + (1 - missed) / cache_rate);
}

}  // namespace gpubench::predictor
