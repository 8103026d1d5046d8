#pragma once

#include <functional>
#include <string>

#include "predictor/vector_work.hpp"

namespace gpubench::predictor {

/// What may run vector work: a GPU, or all cores of a CPU.
struct vector_machine {
  std::string name;
  double cache_bytes = 0;  ///< what stays near all of its units between two uses
  bool has_fp64 = true;
  std::function<estimate(const vector_work&, const vector_assumptions&)> time;
};

vector_machine vector_machine_of(const gpu_traits& on);

/// A CPU as vector work sees it.
struct vector_cpu {
  std::string name;
  double cores = 1;
  double lanes_per_second = 0;         ///< fp32 multiply-adds of all cores: half of the dense peak
  double memory_bytes_per_second = 0;  ///< that its cores together stream
};

/// Time on all cores, with what OpenMP takes to begin a loop:
///
///   arithmetic = max over units(instructions / rate) / share of the lanes' rate
///   t          = 5 us a launch + fourth-power norm of (arithmetic, near bytes, far bytes, memory / share of its rate)
///
/// Rates of a core and multiply-add lane: fp32 and int32 one, fp64 a half, all instructions together one and a half
/// (three vector ports of which two multiply), roots and reciprocals a sixteenth, four bytes of the first-level cache
/// (two loads a clock), one of those behind it (Fog, "Instruction tables", 2022: Skylake-X to Zen 4). The shares are
/// from gpubench's own runs (docs/prediction/vector-work.md).
estimate estimate_vector_work(const vector_cpu& on, const vector_work& work, const vector_assumptions& as);

/// Caches are taken as 2 MiB a core, a usual size of servers' second and third levels together.
vector_machine vector_machine_of(const vector_cpu& on);

}  // namespace gpubench::predictor
