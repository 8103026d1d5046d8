#pragma once

#include "models/operators.hpp"
#include "planner/calibration.hpp"
#include "planner/device_rates.hpp"
#include "planner/prediction.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/workload.hpp"
#include "results/run.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::planner {

/// How close a measured device is to the one that is predicted.
enum class kinship {
  same,     ///< the same GPU, or the instance type that measured, with all of its cores
  related,  ///< a share of the same GPU, or another number of cores of the same CPU part
  distant,  ///< another CPU
};

/// A whole network's measured time, for one precision.
struct measured_network {
  std::string name;  ///< "resnet50_training_step", "resnet50_inference"
  models::precision precision = models::precision::fp32;
  std::int64_t n = 0, image_size = 0;
  double seconds = 0;
};

/// What one run says about one device: how far it gets towards its peaks, and whole networks timed on it.
struct measured_device {
  device on;
  std::string run_id;                   ///< results::run::id
  std::string label;                    ///< "run 2026-11-22T10:02:05Z on Emerald Rapids, 2 CPUs"
  std::string provider, instance_type;  ///< empty where not known
  /// Best achieved FLOP/s over the dense peak (GEMM), or all FLOP over all time (convolution); by kind and precision.
  std::array<std::array<std::optional<double>, precision_count>, operator_kind_count> compute_efficiency;
  std::optional<double>
      memory_efficiency;  ///< triad over the device's bandwidth; above 1 where neighbours leave theirs
  std::vector<measured_network> networks;
  bool has_operators = false;  ///< of a GPU: its run refines the model of it

  /// The network of that name measured nearest to `n` images of that size.
  const measured_network* find_network(std::string_view name, models::precision p, std::int64_t n,
                                       std::int64_t image_size) const;
};

/// Every device that the runs measured: the CPU with its host measurements, each GPU model with its CUDA ones. Devices
/// whose peaks are not known, and failed measurements, are left out. Oldest run first, whatever the order given.
std::vector<measured_device> measured_devices(const std::vector<results::run>& runs, const profiles::catalogue& known);

/// The measured device that says most about one of an instance: for a GPU the same model; for a CPU the same instance
/// type, else the same part, else any CPU; the last of the best kinship. nullptr where none helps.
const measured_device* find_reference(const std::vector<measured_device>& measured, const device& wanted,
                                      const profiles::instance& type, kinship& how);

/// Replaces a CPU's shipped efficiencies by measured ones. What a small slice gets from idle neighbours a larger one
/// does not: another CPU machine than the measured one gets at most 85 % of the channels of its share of the sockets, a
/// share below a quarter of a socket at most 85 % of a quarter's.
void apply_measurements(device_rates& rates, const device& on, const measured_device& reference, kinship how);

}  // namespace gpubench::planner
