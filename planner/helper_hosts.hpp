#pragma once

#include "planner/offer_filter.hpp"
#include "planner/system_planner.hpp"
#include "profiles/catalogue.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::planner {

/// CPU instances that prepare data beside a GPU system.
struct helper_plan {
  const profiles::instance* instance = nullptr;
  const profiles::price* price = nullptr;
  int count = 0;
  double usd_per_hour = 0;      ///< of all of them
  double units_per_second = 0;  ///< of the whole job with them

  /// "3 x c7i.4xlarge for data preparation".
  std::string describe() const;
};

/// Finds CPU instances of the same provider, region and price model (or else on demand) that prepare what a GPU
/// system's own cores cannot.
class helper_hosts {
 public:
  /// Offers whose price is unchecked or older than the limits allow are left out. @param today  days since the epoch
  helper_hosts(const profiles::catalogue& known, const offer_filter& filter, const constraints& limits,
               const profiles::workload& what, long today);

  /// The number and kind of helpers with the least cost a unit, where that is less than without them. Each helper
  /// prepares what its cores can and its network carries (units in, prepared units out); the GPU nodes take in no more
  /// than theirs does. Nothing where the devices do not wait for data preparation, or where rates are not known.
  /// @param usd_per_hour  of the GPU system, all nodes
  std::optional<helper_plan> beside(const profiles::instance& type, const profiles::price& offer, const node_plan& plan,
                                    double usd_per_hour) const;

 private:
  struct helper {
    const profiles::instance* instance;
    const profiles::price* price;
    double usd_per_hour, units_per_second;
  };
  const profiles::workload& what_;
  std::map<std::pair<std::string, std::string>, std::vector<helper>> by_place_;  ///< provider, region
};

}  // namespace gpubench::planner
