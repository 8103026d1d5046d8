#pragma once

#include "profiles/catalogue.hpp"

#include <string>

#include "fleet/job.hpp"

namespace gpubench::fleet {

/// The vendor of an accelerator by the name that a scheduler or its own software has for it ("MI300X", "tpu-v5e-8",
/// "Gaudi3", "NVIDIA-H100-80GB-HBM3"); empty where that cannot be told.
std::string vendor_of_accelerator(const std::string& name, const profiles::catalogue& known);

/// gpubench's back-end for GPUs is CUDA: refuses an accelerator of another vendor than NVIDIA for a job that does not
/// measure CPUs alone.
/// @param said  the option and its value   @throws error: usage
void require_cuda_accelerator(const job& what, const std::string& said, const std::string& name,
                              const profiles::catalogue& known);

}  // namespace gpubench::fleet
