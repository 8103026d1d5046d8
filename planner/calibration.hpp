#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/operators.hpp"
#include "profiles/provenance.hpp"

namespace gpubench::planner {

/// Efficiencies of a class of operators on a family of devices: the calibrated roofline is
/// time = overhead + max(FLOP / (compute_efficiency * dense peak), bytes / (memory_efficiency * bandwidth)).
struct efficiency {
  std::string device_family;   ///< a GPU architecture ("Hopper"), "gpu" for any GPU, "cpu" for any CPU
  std::string operator_kind;   ///< models::kind_of()
  std::string precision;       ///< models::to_string(precision), or "any"
  double compute_efficiency = 1;
  double memory_efficiency = 1;
  double overhead_seconds = 0; ///< per kernel
  double error_low = 1;        ///< 5 % and 95 % quantiles of measured / predicted on held-out data
  double error_high = 1;
  bool calibrated = true;      ///< false: a typical value without measurements of that family
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

 private:
  std::vector<efficiency> rows_;
};

}  // namespace gpubench::planner
