#pragma once

#include "planner/prediction.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/workload.hpp"
#include "results/run.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::planner {

/// What the user wants. Money is USD.
struct constraints {
  std::optional<double> deadline_seconds;
  std::optional<double> budget_usd;
  std::optional<double> rate_units_per_second;  ///< needed, and all that is of use; absent: the workload's
  std::vector<std::string> providers;           ///< empty: all
  std::vector<std::string> regions;             ///< empty: all
  std::vector<profiles::price_model> price_models{profiles::price_model::on_demand, profiles::price_model::spot};
  std::string gpu_pattern;  ///< regular expression on the GPU's name; empty: all, CPU-only included
  int max_nodes = 1;
  double confidence = 0.95;  ///< P(within deadline) that an offer needs
  /// Prices above these ages are not planned on: spot prices move within days, list prices within years.
  int max_spot_price_age_days = 365;
  int max_price_age_days = 1096;
  int stale_after_days = 120;  ///< a price older than this is said to be old
};

/// One way to do the work: an offer, on a number of nodes, split in a way.
struct candidate {
  const profiles::instance* instance = nullptr;
  const profiles::price* price = nullptr;
  int nodes = 1;
  int devices = 0;  ///< GPUs over all nodes; 0 for CPU
  int tensor_parallel = 1;
  int data_parallel = 1;
  std::string split;        ///< "data parallel 8", "tensor parallel 4 x 2 replicas, ZeRO-3"
  std::string host_reason;  ///< why it waits for its hosts; empty where it does not
  std::string helpers;      ///< "3 x c7i.4xlarge for data preparation", which the price includes; empty: none
  double memory_per_device_bytes = 0;  ///< needed
  double units_per_second = 0;
  estimate step;            ///< one step (training), batch (inference) or decode step (serving)
  estimate job;             ///< the whole workload
  double usd_per_hour = 0;  ///< all nodes
  double cost_usd = 0, cost_low_usd = 0, cost_high_usd = 0;
  double usd_per_million_units = 0;
  double probability_in_deadline = 1;  ///< 1 without a deadline
  double price_age_days = 0;
  bool price_is_old = false;
  bool on_pareto_front = false;  ///< no candidate is both faster and cheaper
  /// Share of step time by bound, 0 to 1.
  struct share {
    bound by;
    double fraction;
  };
  std::vector<share> shares;
};

enum class rejection_reason { memory, latency, rate, deadline, budget, no_price, old_price, no_data, unsupported };
std::string_view to_string(rejection_reason r);

struct rejection {
  const profiles::instance* instance = nullptr;
  const profiles::price* price = nullptr;  ///< absent where the reason is the instance itself
  rejection_reason reason = rejection_reason::memory;
  std::string detail;  ///< "needs 141 GiB per GPU, has 80 GiB"
};

/// The answer for one workload. Points into the catalogue that it was made from, which must outlive it.
struct recommendation {
  profiles::workload workload;
  constraints limits;
  std::string made_at;            ///< UTC
  std::vector<candidate> ranked;  ///< cheapest per unit first
  std::vector<rejection> rejected;
  std::size_t considered = 0;     ///< offers looked at
  std::size_t not_separable = 0;  ///< ranks 1..n whose cost intervals overlap that of rank 1
  /// "It would be X if ...": each says a change that makes another offer the best.
  std::vector<std::string> flip_points;
  std::vector<std::string> notes;  ///< assumptions and warnings that the reader must know
};

/// Device efficiencies that the planner uses, and their origin; loaded from DIRECTORY/efficiency.toml.
class calibration;

/// Ranks every offer of the catalogue for a workload.
/// @param runs  measurements to use where they fit; may be empty
/// @param now   prices are aged against it
/// @throws error: usage for impossible limits (a non-positive deadline, an unknown provider, a malformed pattern).
recommendation recommend(const profiles::catalogue& known, const calibration& efficiencies,
                         const profiles::workload& what, const constraints& limits,
                         const std::vector<results::run>& runs, std::chrono::system_clock::time_point now);

}  // namespace gpubench::planner
