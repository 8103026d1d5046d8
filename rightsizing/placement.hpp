#pragma once

#include "planner/slices.hpp"
#include "profiles/gpu.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::rightsizing {

/// Work of one present GPU as another device sees it.
struct placed_work {
  double busy = 0;          ///< share of the other GPU's time: at the busiest steps, or on average
  double memory_bytes = 0;  ///< needed
};

inline constexpr const char* a_gpu_each = "a GPU each";

/// GPUs that hold all of it, or nothing where one piece is too much for any.
struct placement {
  int gpus = 0;
  double fullest = 0;  ///< busy share of the fullest GPU
  /// Of a GPU, what a work has at the least: its slice's part, or its turn where all on it work at once.
  double least_share = 1;
  std::string how;  ///< "a GPU each", "MIG 1g.10gb", "sharing GPUs in turns"
};

/// First fit, the largest piece first: works share a GPU where their busy times and memory allow it. Where it can be
/// cut into slices that do, as slices, which do not disturb each other.
/// @param time_share  of a GPU that comes in turns
/// @param most_busy   that a GPU may be; below 1, so that queues do not grow
std::optional<placement> place(std::vector<placed_work> works, const profiles::gpu_spec* gpu, double memory_bytes,
                               double time_share, double most_busy);

}  // namespace gpubench::rightsizing
