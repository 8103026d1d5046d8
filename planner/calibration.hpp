#pragma once

#include "models/operators.hpp"
#include "profiles/provenance.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "predictor/operator_calibration.hpp"

namespace gpubench::planner {

/// Efficiencies of a class of operators on a family of devices: the calibrated roofline is
/// time = overhead + max(FLOP / (compute_efficiency * dense peak), bytes / (memory_efficiency * bandwidth)).
struct efficiency {
  std::string device_family;  ///< a GPU architecture ("Hopper"), "gpu" for any GPU, "cpu" for any CPU
  std::string operator_kind;  ///< models::kind_of()
  std::string precision;      ///< models::to_string(precision), or "any"
  double compute_efficiency = 1;
  double memory_efficiency = 1;
  double overhead_seconds = 0;  ///< per kernel
  double error_low = 1;         ///< 5 % and 95 % quantiles of measured / predicted on held-out data
  double error_high = 1;
  bool calibrated = true;  ///< false: a typical value without measurements of that family
  profiles::provenance origin;
};

/// How long a whole network takes over the sum of its operators, as frameworks run it, from published rates of whole
/// networks: kernels between the operators, launches, data movement, unfused normalisation.
struct network_efficiency {
  std::string workload_kind;  ///< profiles::to_string(workload_kind)
  std::string device_family;  ///< "gpu" or "cpu"
  double factor = 1;
  double error_low = 1,
         error_high = 1;  ///< 5 % and 95 % quantiles of measured / predicted, each system left out in turn
  bool calibrated = true;
  profiles::provenance origin;
};

/// Constants of a serving engine; serving.hpp has the formulas. Of one engine version: another moves them.
struct serving_constants {
  std::string engine;
  double decode_factor = 1, prefill_factor = 1;
  double dispatch_seconds_per_layer = 0;
  double tensor_parallel_seconds_per_layer = 0;
  double ttft_seconds = 0, ttft_prefill_factor = 1, ttft_queue_factor = 0, ttft_queue_power = 1;
  double tpot_error_low = 1, tpot_error_high = 1, ttft_error_low = 1, ttft_error_high = 1;
  profiles::provenance origin;
};

/// The efficiencies that ship with the project (efficiency.toml) and how to find the one for a device and operator.
class calibration {
 public:
  /// @throws error: io, or input at file:line:column.
  static calibration load(const std::filesystem::path& data_directory);

  /// The most specific row: family and precision, then family, then "gpu"/"cpu" and precision, then "gpu"/"cpu".
  const efficiency& find(std::string_view architecture, bool is_cpu, std::string_view operator_kind,
                         models::precision p) const;

  const std::vector<efficiency>& rows() const { return rows_; }

  /// nullptr where no whole-network factor is known: the sum of the operators then stands.
  const network_efficiency* find_network(std::string_view workload_kind, bool is_cpu) const;
  const serving_constants& serving() const { return serving_; }

  /// What the models of GPUs' operators know: nothing measured until use_operators() says more.
  const predictor::operator_calibration& operators() const { return operators_; }
  void use_operators(predictor::operator_calibration known) { operators_ = std::move(known); }

 private:
  std::vector<efficiency> rows_;
  std::vector<network_efficiency> networks_;
  serving_constants serving_;
  predictor::operator_calibration operators_ = predictor::uncalibrated();
};

}  // namespace gpubench::planner
