#pragma once

#include "planner/node_plan.hpp"
#include "planner/offer_filter.hpp"
#include "planner/price_check.hpp"
#include "planner/recommend.hpp"
#include "profiles/catalogue.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace gpubench::planner {

/// CPU instances that prepare data beside a GPU system.
struct helper_plan {
  helper_set set;
  double units_per_second = 0;  ///< of the whole job with them
};

/// Finds CPU instances, on demand in the same provider and region, that prepare what a GPU system's own cores cannot.
class helper_hosts {
 public:
  /// Offers that the question or `usable` leaves out are left out here too.
  helper_hosts(const profiles::catalogue& known, const offer_filter& filter, price_check& usable,
               const profiles::workload& what, const constraints& limits);

  /// The number and kind of helpers with the least price a unit of work. Each helper prepares what its cores can and
  /// its network carries (units in, prepared units out); the GPU nodes take in no more than theirs does. Where a rate
  /// is asked for, as many as keep it with the probability asked for. Nothing where the devices do not wait for data
  /// preparation, or where rates are not known.
  /// @param usd_per_hour  of one instance of the GPU system
  /// @param spare         helpers above those that a rate needs: to make up for what interruptions cost
  std::optional<helper_plan> beside(const profiles::instance& type, const profiles::price& offer, const node_plan& plan,
                                    double usd_per_hour, int spare = 0) const;

 private:
  struct helper {
    const profiles::instance* instance;
    const profiles::price* price;
    double usd_per_hour, units_per_second;
  };
  const profiles::workload& what_;
  const constraints& limits_;
  std::unordered_map<std::string, std::vector<helper>> by_place_;  ///< "provider|region"
};

/// The plan of the GPU system as fed by its helpers.
node_plan fed_by(const helper_plan& helpers, const node_plan& alone, const profiles::workload& what,
                 const constraints& limits);

}  // namespace gpubench::planner
