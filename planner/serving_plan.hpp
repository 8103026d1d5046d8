#pragma once

#include "planner/calibration.hpp"
#include "planner/lone_request.hpp"
#include "planner/recommend.hpp"
#include "planner/replica_plan.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "serving/trace.hpp"

namespace gpubench::planner {

inline constexpr double hours_per_month = 730;  ///< 8,760 / 12

/// What a service must keep, besides what its workload says (profiles::service_level).
struct serving_goal {
  profiles::service_level level;
  std::shared_ptr<const serving::trace> recorded;  ///< replayed in place of generated arrivals; may be nullptr
  /// Share of time that one instance is up, replacement included. Assumed: the 99.5 % that AWS and Azure promise for
  /// one instance (AWS Compute SLA, instance level).
  double instance_availability = 0.995;
  std::uint64_t seed = 1;
  std::int64_t simulated_requests = 20'000;  ///< each simulation, at least
  std::size_t simulated_systems = 8;         ///< the best of the mean field; more while one of those could be cheaper
};

/// The limits that a level states, TTFT before TPOT before end to end. Without any, the workload's own limits on means
/// are taken for the 99th percentile, as MLPerf's server scenario has them.
std::vector<serving::latency_limit> limits_of(const profiles::service_level& level, const profiles::workload& what);

/// What a system of this kind needs to keep the limits.
struct serving_size {
  layout split;  ///< of one node
  predictor::basis basis = predictor::basis::calibrated;
  double memory_per_device_bytes = 0;
  std::int64_t fewest_replicas = 0;                     ///< that keep the limits
  std::int64_t instances = 0;                           ///< that hold them
  std::int64_t spares = 0;                              ///< for the availability asked for
  std::int64_t replicas = 0;                            ///< of `instances`, without the spares
  double probability_kept = 0;                          ///< with `instances`, at least
  double headroom = 0;                                  ///< further requests a second at the confidence, over those now
  double utilisation = 0;                               ///< as predicted
  double availability = 1;                              ///< P(enough instances are up)
  serving::simulation_result predicted, at_confidence;  ///< as predicted, and as slow as at the confidence
};

/// An offer that keeps the limits.
struct serving_candidate {
  const profiles::instance* instance = nullptr;
  const profiles::price* price = nullptr;
  std::shared_ptr<const serving_size> size;  ///< shared by all offers of one kind of system
  double usd_per_hour = 0;                   ///< all instances, spares included
  double usd_per_month = 0;
  double usd_per_million_output_tokens = 0;  ///< at the rate that arrives
  double price_age_days = 0;
};

struct serving_answer {
  profiles::workload workload;
  constraints limits;
  serving_goal goal;
  std::vector<serving::latency_limit> latency_limits;
  double requests_per_second = 0;
  double mean_prompt_tokens = 0, mean_output_tokens = 0;
  std::string made_at;                    ///< UTC
  std::vector<serving_candidate> ranked;  ///< least cost first
  std::vector<rejection> rejected;
  std::vector<latency_floor> floors;  ///< one a limit
  std::size_t considered = 0;         ///< offers
  std::size_t simulated = 0;          ///< kinds of systems
  std::size_t not_simulated = 0;      ///< offers whose mean field costs more than the best found
  std::string nearest_miss;           ///< of an answer without offers: what comes nearest, and the limit to relax
  std::vector<std::string> notes;
  std::set<std::string> measured_runs;  ///< ids of those on which its times rest
};

/// The offers that keep the limits with limits.confidence, cheapest first. The mean field is asked of every kind of
/// system, in every layout; the simulation of the cheapest ones, until none of the others could be cheaper by the mean
/// field, which is kinder than a percentile. Deterministic for equal inputs and seed, but for made_at and prices' ages.
/// @throws error: usage for impossible limits, or a limit that lies below what a request alone takes anywhere, with
/// that floor.
serving_answer recommend_serving(const profiles::catalogue& known, const calibration& efficiencies,
                                 const profiles::workload& what, const serving_goal& goal, const constraints& limits,
                                 const std::vector<results::run>& runs, std::chrono::system_clock::time_point now);

}  // namespace gpubench::planner
