#include "planner/slices.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace gpubench::planner {
namespace {

struct profile {
  int compute, memory, most;  ///< compute slices, memory slices, instances on one GPU
};

constexpr profile seven[] = {{1, 1, 7}, {2, 2, 3}, {3, 4, 2}};
constexpr profile four[] = {{1, 1, 4}, {2, 2, 2}};

template <class T>
void scale(std::optional<T>& value, double by) {
  if (value) value = static_cast<T>(static_cast<double>(*value) * by);
}

}  // namespace

std::vector<gpu_slice> slices_of(const profiles::gpu_spec& whole) {
  std::vector<gpu_slice> all;
  if (!whole.multiprocessors || !whole.mig_max_instances) return all;
  const bool hopper = whole.compute_capability == "9.0", a30 = *whole.mig_max_instances == 4;
  if (!hopper && whole.compute_capability != "8.0") return all;
  const double slice_multiprocessors = hopper ? 2 * std::floor(*whole.multiprocessors / 14.0) : 14;
  const double memory_slices = a30 ? 4 : 8;
  const auto add = [&](const profile& p) {
    gpu_slice slice;
    const double memory = p.memory / memory_slices;
    const double units = p.compute * slice_multiprocessors;
    slice.name = "MIG " + std::to_string(p.compute) + "g." +
                 std::to_string(std::lround(whole.memory_bytes * memory / 1073741824.0)) + "gb";
    slice.most = p.most;
    slice.device = whole;
    slice.device.multiprocessors = static_cast<int>(units);
    const double compute = units / *whole.multiprocessors;
    for (std::optional<double>& peak : slice.device.dense_peak_flop_per_second) scale(peak, compute);
    scale(slice.device.memory_bandwidth_bytes_per_second, memory);
    scale(slice.device.l2_bytes, memory);
    scale(slice.device.tdp_watts, compute);
    slice.device.memory_bytes = whole.memory_bytes * memory;
    all.push_back(slice);
  };
  if (a30) {
    for (const profile& p : four) add(p);
  } else {
    for (const profile& p : seven) add(p);
  }
  return all;
}

}  // namespace gpubench::planner
