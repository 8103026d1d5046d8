#pragma once

#include "planner/slices.hpp"

#include <vector>

#include "rightsizing/advice.hpp"

namespace gpubench::rightsizing {

/// A machine as its work is weighed on others.
struct weighed_machine {
  const std::vector<device_summary>* devices = nullptr;
  const std::vector<bound_finding>* bounds = nullptr;
  const profiles::instance* instance = nullptr;
  predictor::device device;          ///< its GPU, whole
  bool may_wait = false;             ///< its work may wait at its busiest, so long as all of it gets done
  double most_busy = 0.9;            ///< that a GPU may be
  std::size_t active = 0;            ///< GPUs that are not idle
  bool needs_links = false;          ///< several GPUs that talk to each other, or may
  double link_bytes_per_second = 0;  ///< that they were seen to use, one way
  std::optional<double> cores;       ///< in use at the busiest steps
};

/// What share of a GPU a slice has, by its name or memory; 1 for a whole one. Its bandwidth is shared as its memory is.
planner::slice_share share_of_slice(const device_summary& of, const profiles::gpu_spec& gpu);

/// How busy the work keeps its GPU, 0 to 1: at its busiest where it must keep up, on average where it may wait.
double demand_of(const device_summary& of, bool may_wait);

/// Whether software of one GPU runs on the other as it is: the same vendor, hosts of the same kind of CPU, and a
/// compute capability that current CUDA releases know (7.5 on; NVIDIA, CUDA 13.0 release notes) or that is not below
/// the present.
bool runs_on(const profiles::gpu_spec& present, const profiles::gpu_spec& other);

weighed_machine weigh(const std::vector<device_summary>& devices, const std::vector<bound_finding>& bounds,
                      const profiles::instance& instance, const predictor::device& device, bool may_wait);

/// The machine's work on instances of a type, at one end of what it may demand; nothing where it does not fit.
enum class demand_at { low, expected, high };
struct fitting {
  int instances = 1;
  placement used;
  range speed;  ///< smallest of all GPUs
};
std::optional<fitting> fit(const weighed_machine& machine, const profiles::instance& type,
                           const predictor::device& device, models::precision precision, demand_at end);

}  // namespace gpubench::rightsizing
