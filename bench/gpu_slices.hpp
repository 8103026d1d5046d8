#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gpubench::bench {

/// A MIG device as CUDA and NVML name it.
struct mig_name {
  std::string gpu;        ///< "NVIDIA A100-SXM4-80GB"
  std::string slice;      ///< "1g.10gb", "1c.3g.40gb", "1g.10gb+me"
  double memory_gib = 0;  ///< 10
};

/// Takes "NVIDIA A100-SXM4-80GB MIG 1g.10gb" apart; nothing for the name of a whole GPU.
/// Source: NVIDIA, "Multi-Instance GPU User Guide", "MIG Device Names".
std::optional<mig_name> parse_mig_name(std::string_view name);

/// A slice's share of the memory slices of the whole GPU, and so of its bandwidth: its size in eighths of the GPU's, as
/// the guide's tables of profiles count them ("1/8", "2/8", "4/8", "Full"; the A30's quarters are 2/8 and 4/8).
double mig_memory_share(double slice_gib, double gpu_gib);

/// Whether a name is that of a vGPU: a type's name ends in its size and series, "NVIDIA A10-4Q", "GRID T4-8C".
/// Source: NVIDIA, "Virtual GPU Software User Guide", "Virtual GPU Types for Supported GPUs".
bool is_vgpu_name(std::string_view name);

}  // namespace gpubench::bench
