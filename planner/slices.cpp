#include "planner/slices.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

namespace gpubench::planner {
namespace {

struct profile {
  int compute, memory, most;  ///< compute slices, memory slices, instances on one GPU
};

constexpr profile seven[] = {{1, 1, 7}, {2, 2, 3}, {3, 4, 2}};
constexpr profile four[] = {{1, 1, 4}, {2, 2, 2}};

/// Multiprocessors of a compute slice; nothing for parts whose slices are not known.
std::optional<double> compute_slice_multiprocessors(const profiles::gpu_spec& whole) {
  if (!whole.multiprocessors || whole.mig_max_instances.value_or(0) == 0) return std::nullopt;
  if (whole.compute_capability == "9.0") return 2 * std::floor(*whole.multiprocessors / 14.0);
  if (whole.compute_capability == "8.0") return 14;
  return std::nullopt;
}

template <class T>
void scale(std::optional<T>& value, double by) {
  if (value) value = static_cast<T>(static_cast<double>(*value) * by);
}

}  // namespace

std::vector<gpu_slice> slices_of(const profiles::gpu_spec& whole) {
  std::vector<gpu_slice> all;
  const auto known = compute_slice_multiprocessors(whole);
  if (!known) return all;
  const bool a30 = *whole.mig_max_instances == 4;
  const double slice_multiprocessors = *known;
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

std::optional<int> most_slices(const profiles::gpu_spec& whole, const std::string& profile) {
  // Of the eight memory slices of a GPU; a "1g" comes with one or with two of them.
  constexpr struct {
    int gpu_most, compute, memory_eighths, most;
  } kinds[] = {{7, 1, 1, 7}, {7, 1, 2, 4}, {7, 2, 2, 3}, {7, 3, 4, 2}, {7, 4, 4, 1}, {7, 7, 8, 1},
               {4, 1, 2, 4}, {4, 2, 4, 2}, {4, 4, 8, 1}, {2, 1, 4, 2}, {2, 2, 8, 1}};
  // Names round, and of the memory as sold a part is reserved: "7g.269gb" of 288.
  constexpr double rounding = 0.15;
  static const std::regex form(R"(^([1-7])g\.([0-9]{1,3})gb([+.-].*)?$)");
  std::smatch parts;
  if (!std::regex_match(profile, parts, form) || !whole.mig_max_instances) return std::nullopt;
  if (*whole.mig_max_instances == 0) return 0;
  bool is_known = false;
  for (const auto& kind : kinds) {
    if (kind.gpu_most != *whole.mig_max_instances) continue;
    is_known = true;
    const double bytes = whole.memory_bytes * kind.memory_eighths / 8;
    if (std::stoi(parts[1]) != kind.compute || std::abs(std::stod(parts[2]) * gib - bytes) > rounding * bytes) continue;
    const bool has_media = parts[3].str().rfind("+me", 0) == 0;
    return has_media ? 1 : kind.most;
  }
  return is_known ? std::optional(0) : std::nullopt;
}

std::optional<slice_share> share_of_profile(const profiles::gpu_spec& whole, const std::string& profile) {
  static const std::regex form(R"(^(?:MIG )?(?:([1-7])c\.)?([1-7])g\.([0-9]{1,3})gb(?:\+.*)?$)");
  std::smatch parts;
  if (!std::regex_match(profile, parts, form)) return std::nullopt;
  const double compute_slices = std::stod(parts[parts[1].matched ? 1 : 2].str());
  const double eighths = std::round(8 * std::stod(parts[3].str()) * gib / whole.memory_bytes);
  const auto slice_multiprocessors = compute_slice_multiprocessors(whole);
  slice_share share;
  share.compute = slice_multiprocessors
                      ? std::min(1.0, compute_slices * *slice_multiprocessors / *whole.multiprocessors)
                      : compute_slices / 7;
  share.memory = std::clamp(eighths, 1.0, 8.0) / 8;
  return share;
}

}  // namespace gpubench::planner
