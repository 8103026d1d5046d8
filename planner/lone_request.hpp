#pragma once

#include "planner/replica_plan.hpp"

#include <string>
#include <vector>

namespace gpubench::planner {

/// A kind of system that could serve, and how.
struct serving_system {
  const profiles::instance* example = nullptr;
  replica_plans plans;
};

/// The least that a request alone takes on any system that was looked at.
struct latency_floor {
  serving::latency_limit limit;
  double seconds = 0;      ///< as predicted
  double low_seconds = 0;  ///< at the fast end of the prediction's interval, which one in twenty truths lies below
  std::string system;      ///< "8 × H100-SXM5-80GB"
};

/// What one request of mean length takes where no other is: no number of replicas does better.
class lone_request {
 public:
  lone_request(double prompt_tokens, double output_tokens, std::vector<serving::latency_limit> limits,
               double confidence)
      : prompt_tokens_(prompt_tokens),
        output_tokens_(output_tokens),
        limits_(std::move(limits)),
        confidence_(confidence) {}

  /// @param quantile  of the model's error
  double seconds(const replica_plan& plan, serving::latency_metric metric, double quantile) const;
  /// @param systems  with at least one plan among them
  latency_floor floor_of(const serving::latency_limit& limit, const std::vector<const serving_system*>& systems) const;
  /// Why a system is not in the ranking: the limit that a request alone exceeds most in the system's best layout.
  std::string excess(const serving_system& system) const;
  /// The layout that comes nearest to all limits, and which of them to relax; empty without any plan.
  std::string nearest_miss(const std::vector<const serving_system*>& systems) const;

 private:
  struct worst_limit {
    const serving::latency_limit* limit = nullptr;
    double ratio = 0;  ///< of its time at the confidence to the limit
  };
  worst_limit worst_of(const replica_plan& plan) const;

  double prompt_tokens_, output_tokens_;
  std::vector<serving::latency_limit> limits_;
  double confidence_;
};

}  // namespace gpubench::planner
