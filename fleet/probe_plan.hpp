#pragma once

#include "planner/recommend.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::fleet {

/// What measuring costs, what it tells, and how much of it may be done.
struct probe_terms {
  double suite_seconds = 300;
  double setup_seconds = 1740;  ///< rented beside the suite: boot, image and a reserve. Assumed
  double measured_width = 1.2;  ///< 90 % of times lie within measured / this and measured * this: what planning gives
                                ///< to networks that were measured at another batch
  double jobs = 1;              ///< how often the job of each workload will be done
  std::optional<double> spend_usd;   ///< in place of `jobs`: on all workloads, done equally often
  std::optional<double> budget_usd;  ///< for all probes
  std::optional<int> max_instances;  ///< rented for all probes together
  std::chrono::system_clock::time_point now = std::chrono::system_clock::now();  ///< prices are aged against it
};

enum class probe_verdict {
  measure,
  not_worth,           ///< costs more than it is expected to save
  over_budget,         ///< would be worth it
  too_many_instances,  ///< likewise
  price_unknown,       ///< of an hour or less: a commitment alone is known within the limits
  not_measurable,      ///< a GPU that gpubench has no back-end for; its value says what other tools' results are worth
};
/// "measure", "not worth it", "over budget", "too many instances", "price unknown", "not measurable"
std::string_view to_string(probe_verdict verdict);

/// Measuring one device, on the largest of the systems that it would be rented as.
struct probe {
  const profiles::instance* type = nullptr;
  const profiles::price* offer = nullptr;  ///< that it is rented at; absent where none is by the hour
  int nodes = 1;
  std::string device;                  ///< GPU with its share or slice; CPU; or the instance type
  double billed_seconds = 0;           ///< of each node
  std::optional<double> cost_usd;      ///< of all nodes
  double perfect_usd = 0;              ///< expected value of knowing its cost exactly, nothing else measured
  double alone_usd = 0;                ///< expected value of measuring it, nothing else measured
  double gain_usd = 0;                 ///< expected value of measuring it after the chosen probes before it
  std::vector<std::string> workloads;  ///< whose choice it may change: it is worth a cent for them
  probe_verdict verdict = probe_verdict::not_worth;
};

/// What is at stake for one workload.
struct stake {
  std::string workload;
  const planner::candidate* choice = nullptr;  ///< of today, in the recommendation
  double jobs = 1;
  double cost_usd = 0;           ///< expected, of all jobs
  double regret_usd = 0;         ///< expected, of choosing today: what perfect information would save
  std::size_t alternatives = 0;  ///< devices among which it is chosen
};

struct probe_plan {
  std::vector<stake> stakes;
  std::vector<probe> probes;  ///< those to measure first, in their order; then the others by gain over cost
  std::size_t chosen = 0;     ///< the first so many
  double cost_usd = 0;        ///< of the chosen
  double gain_usd = 0;        ///< expected
  double regret_usd = 0;      ///< expected, of choosing today
  std::string stop;           ///< why no further one is chosen
  std::vector<std::string> notes;
};

/// The one that is not chosen and still gains most; nullptr where none gains a cent.
const probe* most_valuable_left(const probe_plan& plan);

/// Which devices to measure before choosing, by the value of information. Each workload is a choice of the least
/// expected cost among devices; a device stands for the cheapest of its ranked offers, since a run on a GPU corrects
/// all predictions for it, and its error is log-normal with the recommendation's interval, independent of other
/// devices'. A measured device has nothing left to tell. Probes are taken one by one, each the one that gains most
/// above its cost given those before it, until none gains as much as it costs or fits. Where the budget or the number
/// of instances keeps one out, they are also taken by that gain for each dollar or instance, and the set that gains
/// more above its cost is the plan. Sources: choice (information_value.hpp); one at a time: Gupta & Miescke, "Bayesian
/// look ahead one-stage sampling allocations for selection of the best population", J. Statistical Planning and
/// Inference 54(2), 1996; the better of the two orders: Khuller, Moss & Naor, "The budgeted maximum coverage problem",
/// Information Processing Letters 70(1), 1999.
/// @param known    that the answers were made from
/// @param answers  each with at least one ranked offer; must outlive the result
/// @throws error: internal for an answer without offers.
probe_plan plan_probes(const profiles::catalogue& known, const std::vector<planner::recommendation>& answers,
                       const probe_terms& terms);

}  // namespace gpubench::fleet
