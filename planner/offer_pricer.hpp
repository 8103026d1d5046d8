#pragma once

#include "planner/duration_spread.hpp"
#include "planner/measured_host.hpp"
#include "planner/price_check.hpp"
#include "planner/recommend.hpp"
#include "planner/system_planner.hpp"

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gpubench::planner {

/// A plan with its price: the fields of a candidate that money decides.
struct priced_plan {
  candidate figures;          ///< job, costs and probabilities are set
  rejection_reason reason{};  ///< where it cannot be bought like this
  std::string problem;        ///< empty: it can
};

/// Prices plans on offers: billing, price models, interruptions, storage and transfer.
class offer_pricer {
 public:
  /// All of them must outlive it. On-demand prices that `usable` refuses are no alternative to an offer.
  offer_pricer(const profiles::catalogue& known, price_check& usable, const profiles::workload& what,
               const constraints& limits, const std::vector<measured_host>& hosts);

  /// @param usd_per_hour          of one instance
  /// @param helpers_usd_per_hour  of all instances that prepare data beside it, rented as long as the job lasts
  priced_plan price(const node_plan& plan, const profiles::instance& type, const profiles::price& offer,
                    double usd_per_hour, double helpers_usd_per_hour = 0);

  /// Assumptions that entered prices so far, each a sentence.
  std::vector<std::string> notes() const;

 private:
  /// What a job costs beside its instances, in USD.
  struct fixed_costs {
    profiles::billing_rule billing;
    double storage_per_second = 0, snapshots_per_second = 0, helpers_per_second = 0;
    double egress = 0, inter_zone = 0;
    std::array<bool, cost_parts> part_is_unknown{};

    double per_second() const { return storage_per_second + snapshots_per_second + helpers_per_second; }
    double once() const { return egress + inter_zone; }
  };
  struct simulated_job;

  const fixed_costs& fixed_costs_of(const profiles::instance& type, const profiles::price& offer);
  void price_steady(priced_plan& result, const node_plan& plan, const profiles::price& offer, double usd_per_second,
                    const fixed_costs& beside);
  void price_block(priced_plan& result, const node_plan& plan, std::optional<double> window_hours,
                   double usd_per_second, const fixed_costs& beside);
  void price_spot(priced_plan& result, const node_plan& plan, const profiles::instance& type,
                  const profiles::price& offer, double usd_per_second, const fixed_costs& beside);
  std::shared_ptr<const simulated_job> simulate(const node_plan& plan, const cost::spot_job& job,
                                                const cost::interruption_rate& rate);
  double checkpoint_rate(const profiles::instance& type, const profiles::price& offer);
  std::optional<double> on_demand_usd_per_hour(const profiles::instance& type, const std::string& region);

  const profiles::catalogue& known_;
  price_check& usable_;
  const constraints& limits_;
  const std::vector<measured_host>& hosts_;
  double checkpoint_bytes_;
  std::optional<double> stated_storage_rate_;  ///< by the workload
  std::optional<duration_samples> samples_;
  std::unordered_map<std::string, std::shared_ptr<const simulated_job>> simulated_;
  std::unordered_map<std::string, fixed_costs> fixed_;
  std::unordered_map<std::string, double> rates_;
  std::unordered_map<std::string, cost::interruption_rate> interruptions_;
  std::string key_;
  std::set<std::string> notes_;
};

}  // namespace gpubench::planner
