#pragma once

#include "profiles/gpu.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "rightsizing/summary.hpp"

namespace gpubench::rightsizing {

/// What kept the work from going faster.
enum class work_bound {
  idle,              ///< there was none
  compute,           ///< tensor cores or vector pipes near what can be reached
  memory_bandwidth,  ///< memory traffic likewise
  memory_size,       ///< memory full, and no other part seen near its limit
  host,              ///< the GPU waits while the CPUs are busy
  interconnect,      ///< PCIe or NVLink near its rate
  parallelism,       ///< much of the GPU has no work even while a kernel runs
  mixed,             ///< arithmetic and memory alike
  unknown,           ///< not observed
};
/// "idle", "compute", "memory bandwidth", ...
std::string_view to_string(work_bound by);

/// What can be reached, and from where on something is what binds.
namespace threshold {
/// Of the peak memory bandwidth, in practice. NVIDIA, DCGM User Guide, "Profiling Metrics", DRAM_ACTIVE.
inline constexpr double attainable_dram = 0.8;
/// Of the peak of tensor cores and pipes: what large matrix products reach under power limits. Judgement; our GEMM
/// benchmarks' fraction of peak says more of one machine.
inline constexpr double attainable_pipe = 0.8;
/// Of what can be reached: from here on it binds. Judgement: phases of other kinds take the rest.
inline constexpr double binding = 0.6;
/// Two within this ratio bind alike. Judgement.
inline constexpr double alike = 0.85;
/// Below this SM_ACTIVE a GPU is likely used ineffectively. NVIDIA, DCGM User Guide, "Profiling Metrics", SM_ACTIVE.
inline constexpr double filled_sm = 0.5;
/// Mean activity below this is idle, below half of the time half idle. Judgement.
inline constexpr double idle_activity = 0.05;
inline constexpr double half_idle_activity = 0.5;
/// A busy GPU is active for this share of its busy time at least; below, something keeps it waiting. Judgement.
inline constexpr double waiting_activity = 0.7;
/// CPUs above this share are used up: the kernel's own work and uneven threads take the rest. Judgement.
inline constexpr double used_up_cpu = 0.85;
/// Memory above this share is full. Judgement: allocators keep a margin.
inline constexpr double full_memory = 0.9;
/// Share of a link's rate that transfers reach. Judgement; gpubench measures it.
inline constexpr double attainable_link = 0.8;
}  // namespace threshold

struct bound_finding {
  work_bound by = work_bound::unknown;
  std::string reason;                ///< one sentence with the figures
  std::vector<std::string> missing;  ///< what would have told more, with the metric's name
};

/// @param gpu  from the catalogue; nullptr where the model is not known
bound_finding find_bound(const device_summary& of, const profiles::gpu_spec* gpu);

}  // namespace gpubench::rightsizing
