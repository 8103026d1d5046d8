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

/// Efficiencies of a class of operators on a family of CPUs (GPUs have models of their own, predictor/): the roofline
/// is time = overhead + max(FLOP / (compute_efficiency * dense peak), bytes / (memory_efficiency * bandwidth)).
struct efficiency {
  std::string device_family;  ///< "cpu" for any, or a microarchitecture
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

/// The efficiencies that ship with the project (efficiency.toml) and how to find the one for a device and operator.
class calibration {
 public:
  /// @throws error: io, or input at file:line:column.
  static calibration load(const std::filesystem::path& data_directory);

  /// The most specific row: microarchitecture and precision, then microarchitecture, then "cpu" and precision, then
  /// "cpu".
  const efficiency& find(std::string_view microarchitecture, std::string_view operator_kind, models::precision p) const;

  const std::vector<efficiency>& rows() const { return rows_; }

  /// nullptr where no whole-network factor is known: the sum of the operators then stands.
  const network_efficiency* find_network(std::string_view workload_kind, bool is_cpu) const;

  /// What the models of GPUs' operators know: nothing measured until use_operators() says more.
  const predictor::operator_calibration& operators() const { return operators_; }
  void use_operators(predictor::operator_calibration known) { operators_ = std::move(known); }

 private:
  std::vector<efficiency> rows_;
  std::vector<network_efficiency> networks_;
  predictor::operator_calibration operators_ = predictor::uncalibrated();
};

}  // namespace gpubench::planner
