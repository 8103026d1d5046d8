#include "predictor/device.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace gpubench::predictor {
namespace {

using models::precision;

bool any_rate(const device& d) {
  return std::any_of(d.dense_peak_flop_per_second.begin(), d.dense_peak_flop_per_second.end(),
                     [](const std::optional<double>& rate) { return rate.has_value(); });
}

device_lookup gpu_device(const profiles::instance& type, const profiles::catalogue& known) {
  const profiles::gpu_spec* spec = known.find_gpu(type.gpu);
  if (!spec) return {std::nullopt, "GPU '" + type.gpu + "' is not in the catalogue"};
  if (!spec->memory_bandwidth_bytes_per_second)
    return {std::nullopt, "memory bandwidth of " + spec->name + " is not known"};
  device d;
  d.name = spec->name;
  d.architecture = spec->architecture;
  // MIG cuts no more parts than that.
  const bool in_space = spec->mig_max_instances && type.gpu_fraction * *spec->mig_max_instances >= 1 - 1e-9;
  (in_space ? d.share : d.time_share) = type.gpu_fraction;
  d.gpu = spec;
  d.memory_bandwidth_bytes_per_second = *spec->memory_bandwidth_bytes_per_second * d.share;
  d.memory_bytes = type.gpu_memory_bytes.value_or(spec->memory_bytes * type.gpu_fraction);
  for (const precision p : models::all_precisions) {
    if (const std::optional<double> rate = spec->dense_peak(p)) {
      d.dense_peak_flop_per_second[static_cast<std::size_t>(p)] = *rate * d.share;
    }
  }
  if (!any_rate(d)) return {std::nullopt, "no arithmetic rate of " + spec->name + " is known"};
  return {d, {}};
}

device_lookup cpu_device(const profiles::instance& type, const profiles::catalogue& known) {
  if (type.cpu.empty()) return {std::nullopt, "the CPU of this instance is not known"};
  const profiles::cpu_spec* spec = known.find_cpu(type.cpu);
  if (!spec) return {std::nullopt, "CPU '" + type.cpu + "' is not in the catalogue"};
  const std::optional<double> cores = physical_cores(type, known);
  if (!cores) return {std::nullopt, "the number of cores is not known"};
  if (!type.host_memory_bytes) return {std::nullopt, "the host memory is not known"};
  device d;
  d.name = spec->name;
  d.architecture = spec->microarchitecture;
  d.is_cpu = true;
  d.cores = *cores;
  d.cpu = spec;
  d.memory_bytes = *type.host_memory_bytes;
  if (!spec->memory_bandwidth_bytes_per_second)
    return {std::nullopt, "memory bandwidth of " + spec->name + " is not known"};
  d.memory_bandwidth_bytes_per_second =
      *spec->memory_bandwidth_bytes_per_second * *cores / cores_per_socket(*spec, *cores);
  for (const precision p : models::all_precisions) {
    if (const std::optional<double> rate = spec->core_peak_flop_per_second(p)) {
      d.dense_peak_flop_per_second[static_cast<std::size_t>(p)] = *rate * *cores;
    }
  }
  if (!any_rate(d)) return {std::nullopt, "no arithmetic rate of " + spec->name + " is known"};
  return {d, {}};
}

}  // namespace

double cores_per_socket(const profiles::cpu_spec& part, double cores) {
  return part.cores_per_socket ? *part.cores_per_socket : std::max(48.0, cores);
}

std::optional<double> physical_cores(const profiles::instance& type, const profiles::catalogue& known) {
  if (type.physical_cores) return type.physical_cores;
  if (!type.vcpus) return std::nullopt;
  const profiles::cpu_spec* spec = type.cpu.empty() ? nullptr : known.find_cpu(type.cpu);
  const double threads = spec && spec->threads_per_core ? *spec->threads_per_core : 2;
  return std::max(0.5, *type.vcpus / threads);
}

device_lookup device_of(const profiles::instance& type, const profiles::catalogue& known) {
  return type.has_gpu() ? gpu_device(type, known) : cpu_device(type, known);
}

std::optional<precision> supported_precision(const device& on, precision wanted, precision fallback) {
  const bool narrow = models::bytes_per_element(wanted) < 4;
  if (!narrow && on.dense_peak(wanted)) return wanted;
  std::vector<precision> order{wanted};
  if (!on.is_cpu) {
    switch (wanted) {
      case precision::fp4:
        order.insert(order.end(), {precision::fp8, precision::bf16, precision::fp16, precision::tf32});
        break;
      case precision::fp8:
      case precision::int8:
        order.insert(order.end(), {precision::bf16, precision::fp16, precision::tf32});
        break;
      case precision::bf16:
        order.insert(order.end(), {precision::fp16, precision::tf32});
        break;
      case precision::fp16:
        order.insert(order.end(), {precision::bf16, precision::tf32});
        break;
      default:
        break;  // fp64, fp32 and tf32 are never made narrower
    }
  }
  order.push_back(fallback);
  if (wanted != precision::fp64) order.push_back(precision::fp32);
  std::optional<precision> best;
  for (const precision p : order) {
    if (!on.dense_peak(p)) continue;
    if (!narrow) return p;
    if (!best || *on.dense_peak(p) > *on.dense_peak(*best)) best = p;
  }
  return best;
}

}  // namespace gpubench::predictor
