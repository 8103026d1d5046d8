#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "serving/latency_limit.hpp"
#include "serving/replica_model.hpp"
#include "serving/traffic.hpp"

namespace gpubench::serving {

/// Further requests over those now are looked for up to so many.
inline constexpr double most_headroom = 3;

/// How wrong a model of a replica may be: 90 % intervals of truth over prediction, of all its steps together and of
/// what else the first token waits for. Log-normal, each side of 1 with its own width; both err in the same direction.
struct model_error {
  double step_low = 1, step_high = 1;
  double first_token_low = 1, first_token_high = 1;
};

/// The model as slow as it is with probability `quantile`, or faster.
replica_model model_at(const replica_model& predicted, const model_error& error, double quantile);

struct sizing_question {
  const traffic* arrivals = nullptr;
  std::vector<latency_limit> limits;
  double confidence = 0.95;                  ///< with which the limits are to be kept
  std::int64_t simulated_requests = 20'000;  ///< at least; more where requests are long beside their number
  routing route = routing::least_loaded;
};

/// How many replicas keep the limits, found by simulation with common random numbers.
class sizing {
 public:
  sizing(replica_model predicted, const model_error& error, sizing_question question);

  simulation_result simulate(std::int64_t replicas, double quantile, double rate_factor = 1);
  /// Whether the limits are kept, and the replicas complete what arrives, where the model errs by that quantile.
  bool keeps(std::int64_t replicas, double quantile, double rate_factor = 1);
  /// With which keeps() holds at the confidence asked for; nothing where no number helps.
  std::optional<std::int64_t> fewest_replicas();
  /// P(the limits are kept): the largest of the quantiles 0.05 ... 0.95, 0.975, 0.99, 0.999 and the confidence at which
  /// they are, so at least; 0 where at none.
  double probability_kept(std::int64_t replicas);
  /// How much more than now could arrive at the confidence: 0.25 is a quarter; to a hundredth, at most 3, below 0 where
  /// what arrives now is too much.
  double headroom(std::int64_t replicas);
  /// Share of what the replicas complete at most, as predicted.
  double utilisation(std::int64_t replicas) const;

 private:
  replica_model predicted_;
  model_error error_;
  sizing_question question_;
  std::int64_t count_ = 0;
  double replica_rate_ = 0;  ///< requests a second of a replica that never lacks any
};

}  // namespace gpubench::serving
