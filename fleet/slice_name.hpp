#pragma once

#include <map>
#include <string>

#include "fleet/job.hpp"

namespace gpubench::fleet {

/// What a scheduler counts as a GPU, where that is a slice of one (MIG).
struct slice_name {
  std::string gpu;      ///< as it stands before the profile: "a100", "NVIDIA-H100-80GB-HBM3"; may be empty
  std::string profile;  ///< "1g.10gb", "1g.10gb+me"; empty: whole GPUs
};

/// Takes "nvidia.com/mig-1g.10gb", "a100_1g.10gb" or "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb" apart. Kubernetes has a dot
/// for the plus before media extensions.
slice_name slice_in(const std::string& name);

/// The profile of a job's slices by its resource, its product, or Slurm's gpu-type; empty where it has whole GPUs.
std::string slice_profile_of(const job& what, const std::map<std::string, std::string>& settings);

}  // namespace gpubench::fleet
