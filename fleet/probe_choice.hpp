#pragma once

#include "planner/recommend.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fleet/information_value.hpp"
#include "fleet/probe_plan.hpp"

namespace gpubench::fleet {

inline constexpr double usd_cent = 0.01;

/// The choice of one workload, and which device each alternative is.
struct decision {
  const planner::recommendation* answer = nullptr;
  choice among;
  std::map<std::string, std::size_t> place;  ///< of a device, among the alternatives
  double jobs = 1;

  double of_measuring(const std::set<std::string>& devices) const {
    std::vector<std::size_t> these;
    for (const std::string& device : devices)
      if (const auto found = place.find(device); found != place.end()) these.push_back(found->second);
    return jobs * among.of_measuring(these);
  }
};

/// Takes probes into the plan, and orders the others by what they still gain. They are taken one by one, each the one
/// that gains most above its cost. Where a limit keeps out what would be worth it, one dear probe may have taken the
/// place of several that together gain more: the set taken by the gain for each unit of that limit is tried as well.
/// @param plan  with all probes, none of them chosen
void choose_probes(probe_plan& plan, const std::vector<decision>& decisions, const probe_terms& terms);

}  // namespace gpubench::fleet
