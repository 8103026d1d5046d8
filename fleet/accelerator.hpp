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

/// The catalogue's GPU of that name, by which software of its own, a label or a scheduler calls it or a slice of it;
/// null where it is not known.
const profiles::gpu_spec* accelerator_named(const std::string& name, const profiles::catalogue& known);

/// "H100:8", as SkyPilot has them: 8; 1 without a number.
int count_of_accelerators(const std::string& text);

/// Refuses another accelerator than the instance type has, as far as the catalogue knows both: an A100 on p5.48xlarge.
/// Forms of one GPU (SXM, PCIe, 40 and 80 GB) are let pass, since names of schedulers do not always tell them apart.
/// @param said  the option and its value   @throws error: usage
void require_accelerator_of_type(const std::string& said, const std::string& name, const profiles::instance& type,
                                 const profiles::catalogue& known);

}  // namespace gpubench::fleet
