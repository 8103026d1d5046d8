#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "cost/availability_trace.hpp"
#include "cost/interruption.hpp"

namespace gpubench::cost {

/// When a job on spot instances goes on on demand.
enum class spot_fallback {
  none,              ///< it waits
  when_unavailable,  ///< whenever no spot instance is to be had, until the next one is
  before_deadline,   ///< for good, while a loss could still be made up on demand ("Can't Be Late", NSDI 2024)
};

/// A job on `nodes` spot instances, all of which it needs at once.
struct spot_job {
  int nodes = 1;
  double checkpoint_seconds = 0;  ///< to write one
  double interval_seconds = 0;    ///< of work between two; 0: no work is ever lost (requests, single images)
  double restart_seconds = 0;     ///< after each interruption: new instance, image, state
  double startup_seconds = 0;     ///< before the first work
  /// Over which the work comes in, evenly, from the end of the start-up on; 0: all of it is there at once. Who is
  /// faster follows it and makes up for losses; the instances are held until the last of it is done.
  double arriving_seconds = 0;
  std::optional<double> deadline_seconds;
  spot_fallback fallback = spot_fallback::none;
};

/// One simulated job. Seconds of the whole group of nodes.
struct spot_run {
  double wall_seconds = 0;        ///< infinite: it never ended
  double spot_seconds = 0;        ///< billed
  double on_demand_seconds = 0;   ///< billed
  double checkpoint_seconds = 0;  ///< of those on spot
  double lost_seconds = 0;        ///< of those on spot: start-up, restarts, and work done twice
  int interruptions = 0;

  bool ended() const { return wall_seconds < std::numeric_limits<double>::infinity(); }
};

/// Interruptions of independent instances: the group of n is lost n times as often as one (M = M1 / n).
/// @param work_seconds  a run each: how long the work takes without interruption (a distribution's quantiles, say)
/// Same arguments and seed give the same runs, on every machine. The first that never ends is the last: such a job is not
/// to be begun, and each of the kind takes long to simulate.
std::vector<spot_run> simulate_spot(const spot_job& job, const interruption_rate& one_instance,
                                    const std::vector<double>& work_seconds, std::uint64_t seed);

/// How the losses of a trace hit the nodes of one job.
enum class trace_correlation {
  correlated,   ///< all nodes live in the traced pool: up while it holds enough for all
  independent,  ///< each node has a pool of its own with that history, begun at another time
};

/// Interruptions as in a trace that begins anywhere and repeats.
/// @throws error: infeasible where the trace never has enough instances for the job.
std::vector<spot_run> simulate_spot(const spot_job& job, const availability_trace& trace, trace_correlation how,
                                    const std::vector<double>& work_seconds, std::uint64_t seed);

}  // namespace gpubench::cost
