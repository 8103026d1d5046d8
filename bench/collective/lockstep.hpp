#pragma once

#include "bench/collective/messenger.hpp"
#include "bench/collective/transport.hpp"
#include "bench/collective/watch.hpp"
#include "bench/sampler.hpp"
#include "results/measurement.hpp"

#include <functional>
#include <vector>

namespace gpubench::collective {

/// What measuring needs besides the case.
struct surroundings {
  messenger& between;
  transport& moves;
  progress_watch& watch;
  bench::sampling_policy policy;
  bench::clock_function clock;
  std::function<bool()> interrupted;
  std::vector<std::string> names;  ///< of the ranks' machines, on rank 0; may be empty
};

/// One case on rank 0.
struct collective_result {
  results::measurement measurement;
  std::vector<double> rank_median_ns;  ///< each rank's own median; empty unless sampled
  bool interrupted = false;
};

/// Measures one case on all ranks, which call it together. Rank 0 runs the sampler and tells the others sample by
/// sample what to do; a sample is the time of the slowest rank after a barrier. Availability, preparation, sampling and
/// checking are each agreed upon: what goes wrong on one rank ends the case on all, with the rank named.
/// @return on rank 0 the measurement with work, statistics and rates; elsewhere one without.
/// @throws error: collective when a rank does not answer any more.
collective_result measure(const collective_case& what, surroundings& with);

/// bytes, ranks, type, operation (of reductions), placement, round (of pairs), algorithm and protocol where forced.
results::parameters parameters_of(const collective_case& what);

/// Bytes are the size, bus bytes the size times bus_factor().
results::work_done work_of(const collective_case& what);

}  // namespace gpubench::collective
