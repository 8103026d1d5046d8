#pragma once

#include "planner/recommend.hpp"
#include "planner/system_planner.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::planner {

/// E[(A - B)+] for independent log-normal A and B of these means and standard deviations of their logarithms.
/// Source: Margrabe, "The value of an option to exchange one asset for another", Journal of Finance 33(1), 1978.
double expected_excess(double mean_a, double spread_a, double mean_b, double spread_b);

/// The first candidate whose estimate is another system's than that of rank 1; offers of one system share its errors.
/// @param sorted  by expected cost
std::optional<rival> find_rival(const std::vector<candidate>& sorted);

/// The quick suite on the systems of rank 1 and of its rival, least certain first, where their intervals overlap: half
/// an hour rented, of which the suite takes a minute, on the same offer.
std::vector<probe> probes(const recommendation& answer);

/// What rules of thumb choose among all offers that can do the work at all.
class rules_of_thumb {
 public:
  struct choice {
    std::string rule;
    const profiles::instance* type = nullptr;
    const profiles::price* offer = nullptr;
    double usd_per_hour = 0;
  };
  explicit rules_of_thumb(const profiles::catalogue& known) : known_(known) {}
  void consider(const profiles::instance& type, const profiles::price& offer, double usd_per_hour,
                const system_plan& plan);
  /// "cheapest per hour" and "cheapest per peak FLOP/s" (dense, in the workload's precision or the best that the GPU
  /// has for it), each as far as something was considered.
  std::vector<choice> choices() const;

 private:
  const profiles::catalogue& known_;
  choice per_hour_, per_flop_;
  double least_per_hour_ = 0, least_per_flop_ = 0;
};

/// The offer of least cost among those that only the deadline keeps away.
class cheaper_later {
 public:
  struct offer {
    const profiles::instance* type = nullptr;
    const profiles::price* price = nullptr;
    node_plan plan;
    std::optional<helper_set> helpers;
    double usd_per_hour = 0;  ///< of one node
    double cost_usd = 0;      ///< of its hours of work, helpers included
  };
  void consider(const profiles::instance& type, const profiles::price& price, double usd_per_hour,
                const node_plan& plan, const std::optional<helper_set>& helpers);
  const std::optional<offer>& best() const { return best_; }

 private:
  std::optional<offer> best_;
};

}  // namespace gpubench::planner
