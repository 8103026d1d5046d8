#pragma once

#include "report/document.hpp"
#include "report/grid.hpp"

#include <string>
#include <vector>

namespace gpubench::report {

/// What a capacity plan says in words; the same sentences in every output form.
struct plan_sentences {
  bool feasible = false;            ///< false: `rent` says that nothing fits
  std::string demand;               ///< "generated: ...; 157 G images in 12 months, 5 k images/s on average, ..."
  std::string rent;                 ///< "aws g6.xlarge, us-east-1: 4.1 instances on average, 9 at most, ..."
  std::string because;              ///< empty where nothing fits
  std::vector<std::string> breaks;  ///< when quota or budget end
  std::string refused;              ///< "12: 5 too late, 7 over quota"; empty when nothing was
};
plan_sentences sentences_of(const planned_workload& planned);

/// "aws g6.xlarge, us-east-1: 2.3 % late where 1 % is allowed": what an offer misses, and by how much.
std::string describe_miss(const capacity::offer_plan& one, const capacity::plan_request& asked);

/// "12 months", "36 h".
std::string horizon_name(std::size_t steps);

/// The ranking as people read it, at most `max_rows` (0: all).
grid plan_grid(const planned_workload& planned, std::size_t max_rows);
/// The policies of one offer beside the oracle's bound.
grid policy_grid(const capacity::offer_plan& one);
/// Peak demand, peak fleet and cost of each month of one offer's best policy.
grid month_grid(const planned_workload& planned, const capacity::offer_plan& one);
/// What changes of the best plan.
grid sensitivity_grid(const planned_workload& planned);
/// Offers within no plan, nearest first, at most `max_rows` (0: all).
grid refused_grid(const planned_workload& planned, std::size_t max_rows);

}  // namespace gpubench::report
