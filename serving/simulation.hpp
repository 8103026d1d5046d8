#pragma once

#include <cstdint>

#include "serving/latency_histogram.hpp"
#include "serving/replica_model.hpp"
#include "serving/request.hpp"

namespace gpubench::serving {

enum class routing {
  round_robin,
  least_loaded,  ///< to the replica with the fewest requests in it
};

struct simulation_options {
  std::int64_t replicas = 1;
  routing route = routing::least_loaded;
  std::int64_t warm_up_requests = 0;   ///< first ones whose latencies are not counted
  std::int64_t closed_loop_users = 0;  ///< above 0: so many at a time, each request follows one that ended at once, and
                                       ///< the source's arrival times are ignored
};

struct simulation_result {
  std::int64_t arrived = 0;
  std::int64_t refused = 0;             ///< too long for a replica's cache
  latency_histogram ttft, tpot, e2e;    ///< tpot: of requests with at least two tokens
  double seconds = 0;                   ///< first arrival to last token
  double requests_per_second = 0;       ///< completed, over that time
  double output_tokens_per_second = 0;  ///< all replicas
  std::int64_t peak_waiting = 0;        ///< not yet admitted, over all replicas
  double mean_in_system = 0;            ///< requests in the replicas, averaged over time
};

/// Simulates replicas of one model until every request has its last token. Deterministic: the same source and options
/// give the same result.
/// @throws error: usage for an invalid model or options; what the source throws.
simulation_result simulate(const replica_model& model, request_source& source, const simulation_options& options);

}  // namespace gpubench::serving
