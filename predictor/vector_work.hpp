#pragma once

#include <cstdint>

#include "predictor/estimate.hpp"
#include "predictor/gpu_traits.hpp"

namespace gpubench::predictor {

/// What a kernel on the vector units asks of a GPU, counted from its algorithm: instructions of one lane by the unit
/// that takes them (a multiply-add is one), and bytes by where they come from.
struct vector_work {
  double fp32 = 0, fp64 = 0, int32 = 0;
  double special = 0;            ///< reciprocals, roots, exponentials
  double bytes = 0;              ///< to and from device memory
  double working_set_bytes = 0;  ///< of them: what L2 may hold from one launch to the next; 0: all of `bytes`
  double near_bytes = 0;         ///< from first-level cache or shared memory
  double l2_bytes = 0;           ///< from L2 beside `bytes`
  double threads = 1e9;          ///< that may run at a time; few of them leave units idle
  double launches = 1;
};

/// What nobody's measurements have fixed for a kind of work, and how far off it may be.
struct vector_assumptions {
  double issue_share = 0.8;  ///< of the units' rate that its instructions reach
  double lanes_in_use = 1;   ///< of a warp, where threads take different ways
  double low = 0.5, high = 2;
  double cpu_issue_share = 0.5;   ///< of a CPU's vector lanes' rate
  double cpu_memory_share = 0.8;  ///< of the rate at which a CPU streams: less where it reads in small pieces
};

/// What keeps a machine busy with vector work, in seconds of each by itself.
struct vector_parts {
  double start = 0;  ///< of all launches, beside which nothing else runs
  double arithmetic = 0, near = 0, far = 0, memory = 0;
};

/// start + fourth-power norm of the rest, with the interval assumed; the tier is the data sheet's.
estimate composed(const vector_parts& parts, const vector_assumptions& as);

/// Time of the work at the clock that its instructions leave under the power limit:
///
///   arithmetic = max over units(instructions / rate) / (issue share * lanes in use * share of the units with threads)
///   t          = 2 us a launch + fourth-power norm of (arithmetic, near bytes, L2 bytes, device memory)
///
/// Rates a clock and multiprocessor (NVIDIA, CUDA C++ Programming Guide, arithmetic throughput): fp32 and int32 as
/// gpu_traits has them, all instructions together 128 lanes (four schedulers), special functions 16, 128 bytes of
/// shared memory or first-level cache. 512 threads a multiprocessor fill its units (four dependent instructions under
/// way in each lane). Nothing here is fitted: the tier is the data sheet's, the interval the assumptions'.
estimate estimate_vector_work(const gpu_traits& on, const vector_work& work, const vector_assumptions& as);

}  // namespace gpubench::predictor
