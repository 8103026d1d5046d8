#pragma once

#include "planner/prediction.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/workload.hpp"
#include "results/run.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cost/terms.hpp"

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
  double confidence = 0.95;  ///< P(all limits met) that an offer needs
  cost::terms terms;         ///< how it is paid for, beside the catalogue's prices
  /// Prices above these ages are not planned on: spot prices move within days, list prices within years.
  int max_spot_price_age_days = 365;
  int max_price_age_days = 1096;
  int stale_after_days = 120;  ///< a price older than this is said to be old
};

/// What a job's money goes into.
enum class cost_part {
  work,
  checkpoints,
  lost_work,
  on_demand,
  unused,
  storage,
  snapshots,
  egress,
  inter_zone,
  data_preparation  ///< instances beside the GPU ones
};
inline constexpr std::size_t cost_parts = 10;
/// "work", "checkpoints", "lost work", "on demand", "unused", "storage", "snapshots", "egress", "inter-zone", "data
/// preparation"
std::string_view to_string(cost_part part);

/// What interruptions do to a job on spot instances; means over the simulated runs.
struct spot_outlook {
  double mean_up_seconds = 0;              ///< of one instance
  double checkpoint_seconds = 0;           ///< to write one
  std::optional<double> interval_seconds;  ///< of work between two: Daly's optimum; absent: no work is ever lost
  double restart_seconds = 0;
  double interruptions = 0;
  double undisturbed_probability = 0;  ///< that none comes
  std::string basis;                   ///< of the rate of interruptions
  bool assumed = false;                ///< no figure is known for this type
};

/// CPU instances beside a GPU system that prepare its data.
struct helper_set {
  int count = 0;
  const profiles::instance* instance = nullptr;
  const profiles::price* price = nullptr;  ///< of one, on demand
  double usd_per_hour = 0;                 ///< of all

  /// "3 x c7i.4xlarge".
  std::string name() const;
};

/// One way to do the work: an offer, on a number of nodes, split in a way.
struct candidate {
  const profiles::instance* instance = nullptr;
  const profiles::price* price = nullptr;
  int nodes = 1;
  int devices = 0;  ///< GPUs over all nodes; 0 for CPU
  int tensor_parallel = 1;
  int data_parallel = 1;
  std::string split;                   ///< "data parallel 8", "tensor parallel 4 x 2 replicas, ZeRO-3"
  std::string slice;                   ///< "MIG 1g.5gb" where its GPUs are cut into such; empty: whole
  std::string host_reason;             ///< why it waits for its hosts; empty where it does not
  std::optional<helper_set> helpers;   ///< which the price includes
  double memory_per_device_bytes = 0;  ///< needed
  double units_per_second = 0;
  estimate step;            ///< one step (training), batch (inference) or decode step (serving)
  estimate job;             ///< the whole workload, interruptions and start-up included
  double usd_per_hour = 0;  ///< all nodes and helpers
  double node_usd_per_hour() const { return (usd_per_hour - (helpers ? helpers->usd_per_hour : 0)) / nodes; }
  double cost_usd = 0, cost_low_usd = 0, cost_high_usd = 0;  ///< median and 90 % interval
  double expected_cost_usd = 0;                              ///< mean: what offers are ranked by
  std::array<double, cost_parts> cost_by_part{};             ///< of the expected cost, by cost_part
  std::array<bool, cost_parts> part_is_unknown{};            ///< asked for, without a known tariff: not in the cost
  double regret_usd = 0;                                     ///< expected cost above that of rank 1
  double usd_per_million_units = 0;                          ///< of the expected cost
  double probability_in_deadline = 1;                        ///< 1 without a deadline
  double probability_in_budget = 1;                          ///< 1 without a budget
  double probability_all_limits = 1;                         ///< 1 less the risk of violating one
  double seconds_at_confidence = 0;                          ///< the job ends within it with the probability asked for
  double cost_at_confidence_usd = 0;                         ///< likewise
  std::optional<spot_outlook> spot;                          ///< of spot offers
  std::optional<double> break_even_utilisation;              ///< of a commitment, where the on-demand price is known
  /// Of a commitment with an upfront payment, against on demand around the clock; of a machine of one's own, against
  /// the cheapest offer on demand at the same work, in months at its utilisation: when what was paid first is back.
  std::optional<double> break_even_months;
  double price_age_days = 0;
  bool price_is_old = false;
  bool on_pareto_front = false;  ///< no candidate is as cheap, as fast and as safe, and better in one of them
  /// Share of step time by bound, 0 to 1.
  struct share {
    bound by;
    double fraction;
  };
  std::vector<share> shares;
};

enum class rejection_reason {
  memory,
  latency,
  rate,
  deadline,
  budget,
  no_price,
  old_price,
  later_price,
  no_data,
  unsupported,
  interruptions
};
std::string_view to_string(rejection_reason r);

struct rejection {
  const profiles::instance* instance = nullptr;
  const profiles::price* price = nullptr;  ///< absent where the reason is the instance itself
  rejection_reason reason = rejection_reason::memory;
  std::string detail;  ///< "needs 141 GiB per GPU, has 80 GiB"
};

/// The best offer that is another system than rank 1, and what choosing rank 1 before it risks.
struct rival {
  std::size_t place = 0;  ///< in `ranked`
  double probability_cheaper = 0;
  double expected_regret_usd = 0;  ///< of rank 1: mean of what it costs more, where it does, else 0
};

/// What a rule of thumb would have chosen among all offers that can do the work, limits aside.
struct rule_choice {
  std::string rule;  ///< "cheapest per hour"
  candidate choice;
};

/// A measurement that would tell ranks apart whose intervals overlap.
struct probe {
  std::size_t place = 0;  ///< in `ranked`
  double seconds = 0;     ///< rented
  double cost_usd = 0;
};

/// The answer for one workload. Points into the catalogue that it was made from, which must outlive it.
struct recommendation {
  profiles::workload workload;
  constraints limits;
  std::string made_at;            ///< UTC
  std::vector<candidate> ranked;  ///< meets all limits at the confidence asked for; least expected cost first
  std::vector<rejection> rejected;
  std::size_t considered = 0;     ///< offers looked at
  std::size_t not_separable = 0;  ///< ranks 1..n whose cost intervals overlap that of rank 1
  std::optional<rival> next_best;
  std::vector<probe> worth_measuring;  ///< empty where rank 1 stands apart
  std::vector<rule_choice> rules;
  /// "It would be X if ...": each says a change that makes another offer the best.
  std::vector<std::string> flip_points;
  std::vector<std::string> notes;       ///< assumptions and warnings that the reader must know
  std::set<std::string> measured_runs;  ///< ids of those on which its times rest
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
