#pragma once

#include "profiles/gpu.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::planner {

/// One kind of slice that a GPU's owner can cut it into.
struct gpu_slice {
  std::string name;           ///< "MIG 1g.10gb"
  int most = 1;               ///< of them on one GPU
  profiles::gpu_spec device;  ///< the slice by itself: its multiprocessors, rates, bandwidth, L2 and memory
};

/// Multi-instance GPU profiles of A100, A30 and Hopper parts that leave more than one slice; nothing for other parts.
/// A slice's share of the memory is its share of bandwidth and L2 too. A100: with MIG on, 98 of 108 multiprocessors are
/// left, seven times 14; A30 has four times 14. Of Hopper parts a seventh is taken for a compute slice, rounded down to
/// pairs. Source: NVIDIA Multi-Instance GPU User Guide, "Supported MIG profiles".
std::vector<gpu_slice> slices_of(const profiles::gpu_spec& whole);

/// What a slice has of the whole GPU, 0 to 1.
struct slice_share {
  double compute = 1;  ///< of the multiprocessors
  double memory = 1;   ///< of the memory, and so of its bandwidth and L2
};

/// How many slices of a profile, "1g.10gb" or "1g.10gb+me", one GPU can be cut into: 0 where it has no such profile, or
/// no MIG. The first slice with media extensions has them all.
/// Source: NVIDIA Multi-Instance GPU User Guide, "Supported MIG profiles" (r610).
/// @return nothing for a text that is no profile of a slice, and where that is not known of the GPU
std::optional<int> most_slices(const profiles::gpu_spec& whole, const std::string& profile);

/// By the profile's name, "1g.10gb", "4g.40gb", "1c.3g.40gb": also of profiles that leave no second slice. Memory is
/// counted in eighths, as the guide does; a compute slice of a part that slices_of() does not know is a seventh.
/// @return nothing for a text that is no profile
std::optional<slice_share> share_of_profile(const profiles::gpu_spec& whole, const std::string& profile);

}  // namespace gpubench::planner
