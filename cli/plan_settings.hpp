#pragma once

#include "cli/payment.hpp"
#include "cli/values.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "capacity/autoscaler.hpp"
#include "capacity/demand_pattern.hpp"
#include "capacity/demand_trace.hpp"

namespace gpubench::cli {

inline constexpr int usual_offers = 20;

/// What `gpubench plan` is asked, from flags and one TOML file.
struct plan_options {
  std::string workload;  ///< a name or a .toml file

  std::filesystem::path trace;  ///< empty: the pattern
  capacity::gap_fill fill = capacity::gap_fill::refuse;
  capacity::demand_pattern pattern;
  std::optional<double> mean_units_per_second, mean_requests_per_second;
  std::optional<double> units_per_request;
  std::size_t horizon_steps = capacity::steps_per_year;

  capacity::service_level wanted;
  capacity::autoscaler_settings scaling;
  double max_spot_share = 1;
  std::optional<double> spot_availability, spot_overhead;  ///< absent: by the trace and the interruptions
  std::optional<money> budget;
  std::optional<int> quota;                  ///< of every instance type
  std::map<std::string, int> quota_of_type;  ///< "p5.48xlarge" or "aws p5.48xlarge"

  double confidence = 0.95;
  std::vector<std::string> providers, regions;
  std::vector<profiles::price_model> price_models;
  std::string gpu_pattern;
  std::optional<int> max_price_age_days;
  std::optional<int> offers;  ///< absent: usual_offers, and all where none of these stays within the limits
  payment_options payment;
  std::optional<std::chrono::system_clock::time_point> as_of;  ///< absent: now
  std::vector<std::string> results;
};

/// A setting that a flag (--up-delay 300s) or a key of the file (up_delay = "300s") gives.
struct plan_setting {
  std::string name;  ///< "up-delay"
  std::string type;
  std::string help;
  bool is_list = false;
  /// @throws error: usage for a text that is no such value.
  std::function<void(plan_options&, const std::string&)> apply;

  std::string key() const;  ///< "up_delay"
};
const std::vector<plan_setting>& plan_settings();

/// Settings as texts, by flag.
using plan_texts = std::map<std::string, std::vector<std::string>>;

/// Settings of the file, then those of the command line in their place.
/// @param config  a TOML file; empty for none. Its key `workload` stands in for the argument.
/// @throws error: input at file:line:column for an unknown key or a wrong value; usage naming the flag.
plan_options read_plan_options(const std::filesystem::path& config, const plan_texts& flags,
                               const std::string& workload);

}  // namespace gpubench::cli
