#pragma once

#include <cmath>

#include "predictor/fit.hpp"

namespace gpubench::predictor {

/// time = start + bytes / (bandwidth * share): two coefficients, of which either rules at one end of the sizes.
inline constexpr coefficient synthetic_coefficients[] = {
    {"share", 0.8, 0.1, 1.0, 0.2},
    {"start_seconds", 5e-6, 1e-7, 1e-3, 0.4},
};

inline const operator_family& synthetic_family() {
  static const operator_family family{
      "synthetic", synthetic_coefficients,
      [](const operator_call& call) { return std::holds_alternative<models::streaming>(call.shape); },
      [](const gpu_traits& on, const operator_call& call, const double* values) {
        const double bytes = std::get<models::streaming>(call.shape).bytes;
        return kernel_time{values[1] + bytes / (on.memory_bandwidth_bytes_per_second * values[0]), bound::memory};
      },
      [](const operator_call& call) {
        return feature_vector{static_cast<float>(std::log2(std::get<models::streaming>(call.shape).bytes))};
      }};
  return family;
}

inline operator_call stream_of(double bytes) {
  return {models::streaming{bytes, 0}, models::precision::fp32, launch::captured};
}

/// What a device with these coefficients would measure, from 4 KiB to 4 GiB.
inline std::vector<observation> measured_on(const gpu_traits& traits, double share, double start, int rows = 60) {
  const auto on = std::make_shared<const gpu_traits>(traits);
  const double values[] = {share, start};
  std::vector<observation> all;
  for (int i = 0; i < rows; ++i) {
    observation o;
    o.on = on;
    o.call = stream_of(4096 * std::exp2(20.0 * i / rows));
    o.seconds = synthetic_family().time(traits, o.call, values).seconds;
    o.fold = i % 10;
    all.push_back(o);
  }
  return all;
}

inline std::vector<const observation*> pointers_to(const std::vector<observation>& rows) {
  std::vector<const observation*> pointers;
  for (const observation& row : rows) pointers.push_back(&row);
  return pointers;
}

}  // namespace gpubench::predictor
