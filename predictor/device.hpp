#pragma once

#include "models/precision.hpp"
#include "profiles/catalogue.hpp"

#include <array>
#include <optional>
#include <string>

namespace gpubench::predictor {

/// What one device of an instance can do: a GPU, a share of one, or all cores of a CPU instance.
struct device {
  std::string name;          ///< as the catalogue names the GPU or CPU
  std::string architecture;  ///< family that calibration knows: "Hopper"; a microarchitecture for CPUs
  bool is_cpu = false;
  double share = 1;       ///< of a GPU, as a part of its multiprocessors; the rates below are those of the part
  double time_share = 1;  ///< of the time in which it works for this instance, with all its multiprocessors
  double cores = 0;  ///< physical cores of a CPU device
  std::array<std::optional<double>, std::size(models::all_precisions)> dense_peak_flop_per_second;
  double memory_bandwidth_bytes_per_second = 0;
  double memory_bytes = 0;
  const profiles::gpu_spec* gpu = nullptr;
  const profiles::cpu_spec* cpu = nullptr;

  std::optional<double> dense_peak(models::precision p) const {
    return dense_peak_flop_per_second[static_cast<std::size_t>(p)];
  }
};

/// A device, or why there is none.
struct device_lookup {
  std::optional<device> found;
  std::string missing;  ///< "memory bandwidth of T4G is not known"
};

/// GPU: the data sheet's rates. A share that MIG can cut (NVIDIA Multi-Instance GPU User Guide) has that share of them;
/// any other vGPU has the whole GPU in turns with its neighbours, for its share of the time (NVIDIA Virtual GPU Software
/// User Guide, "Time-Sliced and MIG-Backed NVIDIA vGPU", equal or fixed share scheduler), and its share of the memory. CPU: cores times the core's peak at the all-core clock; memory bandwidth in proportion to the
/// share of the sockets' cores, whole sockets together.
device_lookup device_of(const profiles::instance& type, const profiles::catalogue& known);

/// Cores of one socket of a part. Cloud-only parts do not state them: then 48, a usual size of the class, or all
/// `cores` where there are more.
double cores_per_socket(const profiles::cpu_spec& part, double cores);

/// Physical cores of an instance: as stated, else vCPUs over the threads of a core (2 where that is not known either).
std::optional<double> physical_cores(const profiles::instance& type, const profiles::catalogue& known);

/// The precision that a device computes in when `wanted` is asked for. A 16-bit or narrower type: the fastest of it and
/// what may stand in for it, since a type that a part merely understands can be slower than a wider one (B300: int8).
/// 8-bit and 4-bit types may become bf16 or fp16, fp4 also fp8, bf16 and fp16 each other, on a GPU all of them tf32,
/// and everywhere `fallback` or fp32; at equal rates the first named. fp64, fp32 and tf32 stay where the device has
/// them, and else take `fallback`, then (not fp64) fp32. Nothing when the device has no rate for any.
std::optional<models::precision> supported_precision(const device& on, models::precision wanted,
                                                     models::precision fallback);

}  // namespace gpubench::predictor
