#include "rightsizing/machine.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::rightsizing {
namespace {

constexpr double usual_most_busy = 0.9;
constexpr double memory_margin = 1.1;
/// CPUs in use may be this share of those that there are. Judgement: as for GPUs.
constexpr double most_cpu_use = 0.9;
/// Slower links than this are PCIe's, which every machine has. Judgement.
constexpr double slow_link_bytes_per_second = 10e9;

double of_end(const range& r, demand_at end) {
  return end == demand_at::low ? r.low : end == demand_at::high ? r.high : r.expected;
}

bool is_fast_link(profiles::interconnect link) {
  return link != profiles::interconnect::none && link != profiles::interconnect::pcie;
}

/// Rates of the device, or of the slice of it that a summary is of.
device_rates present_rates(const device_summary& of, const predictor::device& device, models::precision precision) {
  predictor::device slice = device;
  if (!of.slice.empty() && device.gpu != nullptr) {
    const auto share = share_of_slice(of, *device.gpu);
    for (auto& peak : slice.dense_peak_flop_per_second)
      if (peak) *peak *= share.compute;
    slice.memory_bandwidth_bytes_per_second *= share.memory;
    slice.share *= share.compute;
  }
  return rates_of(slice, precision);
}

double memory_needed(const device_summary& of, const predictor::device& device) {
  const double all = of.memory_total_bytes.value_or(device.memory_bytes);
  // Of a slice, all is the slice's.
  if (!of.memory_used_max_bytes || of.memory_is_reserved) return std::min(all, device.memory_bytes) * 0.9;
  return std::min(*of.memory_used_max_bytes * memory_margin, std::max(*of.memory_used_max_bytes, 0.97 * all));
}

/// Parts that come with an Arm CPU: AWS, "Amazon EC2 G5g instances" (Graviton2); NVIDIA, Grace superchips.
bool has_arm_host(const profiles::gpu_spec& gpu) {
  return gpu.name == "T4G" || gpu.name.rfind("GH", 0) == 0 || gpu.name.rfind("GB", 0) == 0;
}

}  // namespace

bool runs_on(const profiles::gpu_spec& present, const profiles::gpu_spec& other) {
  if (&present == &other) return true;
  if (present.vendor != other.vendor || has_arm_host(present) != has_arm_host(other)) return false;
  const auto capability = parse_number(other.compute_capability), now = parse_number(present.compute_capability);
  constexpr double oldest_known = 7.5;
  return !capability || !now || *capability >= std::min(*now, oldest_known);
}

planner::slice_share share_of_slice(const device_summary& of, const profiles::gpu_spec& gpu) {
  if (of.slice.empty()) return {};
  if (const auto named = planner::share_of_profile(gpu, of.slice)) return *named;
  if (!of.memory_total_bytes) return {};
  const double share = std::clamp(*of.memory_total_bytes / gpu.memory_bytes, 0.01, 1.0);
  return {share, share};
}

double demand_of(const device_summary& of, bool may_wait) {
  return may_wait ? of.activity->mean : of.busy_p95.value_or(of.activity->p95);
}

weighed_machine weigh(const std::vector<device_summary>& devices, const std::vector<bound_finding>& bounds,
                      const profiles::instance& instance, const predictor::device& device, bool may_wait) {
  weighed_machine machine;
  machine.devices = &devices;
  machine.bounds = &bounds;
  machine.instance = &instance;
  machine.device = device;
  machine.may_wait = may_wait;
  machine.most_busy = usual_most_busy;
  bool link_known = true;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const auto& each = devices[i];
    if (each.host_cores_used_p95) machine.cores = std::max(machine.cores.value_or(0), *each.host_cores_used_p95);
    if (bounds[i].by == work_bound::idle || !each.activity) continue;
    ++machine.active;
    machine.most_busy = std::max(machine.most_busy, demand_of(each, may_wait));
    if (each.nvlink_bytes_per_second)
      machine.link_bytes_per_second = std::max(machine.link_bytes_per_second, *each.nvlink_bytes_per_second);
    else
      link_known = false;
  }
  const bool several = machine.active > 1 && devices.front().slice.empty();
  machine.needs_links = several && is_fast_link(instance.gpu_interconnect) &&
                        (!link_known || machine.link_bytes_per_second > slow_link_bytes_per_second);
  return machine;
}

std::optional<fitting> fit(const weighed_machine& machine, const profiles::instance& type,
                           const predictor::device& device, models::precision precision, demand_at end) {
  const auto other = rates_of(device, precision);
  fitting found;
  found.speed = {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(),
                 std::numeric_limits<double>::infinity()};
  std::vector<placed_work> works;
  for (std::size_t i = 0; i < machine.devices->size(); ++i) {
    const auto& each = (*machine.devices)[i];
    if ((*machine.bounds)[i].by == work_bound::idle || !each.activity) continue;
    // The same part does the same, whatever was not observed.
    const bool same = each.slice.empty() && device.gpu == machine.device.gpu && device.share == machine.device.share;
    const auto ratio = same ? range{1, 1, 1} : time_ratio(each, present_rates(each, machine.device, precision), other);
    if (!std::isfinite(of_end(ratio, end))) return std::nullopt;
    works.push_back({demand_of(each, machine.may_wait) * of_end(ratio, end), memory_needed(each, machine.device)});
    found.speed.low = std::min(found.speed.low, 1 / ratio.high);
    found.speed.expected = std::min(found.speed.expected, 1 / ratio.expected);
    found.speed.high = std::min(found.speed.high, 1 / ratio.low);
  }
  if (works.empty()) return std::nullopt;
  const auto placed = place(works, device.gpu, device.memory_bytes, device.time_share, machine.most_busy);
  if (!placed) return std::nullopt;
  found.used = *placed;
  if (device.share < 1 && found.used.how == a_gpu_each) found.used.how = "a slice of a GPU each";
  // A work has all of the GPU while the others rest, or where it leaves that much of it idle; else its share.
  const double turn = placed->least_share / machine.device.time_share;
  if (turn < 1) {
    found.speed.low *= turn;
    found.speed.expected = std::sqrt(found.speed.low * found.speed.high);
  }
  found.instances = (placed->gpus + type.gpu_count - 1) / type.gpu_count;
  if (machine.needs_links && placed->gpus > 1) {
    if (found.instances > 1 || !is_fast_link(type.gpu_interconnect)) return std::nullopt;
    if (type.gpu_interconnect_bytes_per_second &&
        machine.link_bytes_per_second > threshold::attainable_link * *type.gpu_interconnect_bytes_per_second / 2)
      return std::nullopt;
  }
  if (machine.cores) {
    if (!type.vcpus) return std::nullopt;
    found.instances =
        std::max(found.instances, static_cast<int>(std::ceil(*machine.cores / (most_cpu_use * *type.vcpus))));
    // What is one machine's work is not spread for its CPUs alone.
    if (found.instances > static_cast<int>(machine.active)) return std::nullopt;
  }
  return found;
}

}  // namespace gpubench::rightsizing
