#pragma once

#include "bench/cuda/loader.hpp"
#include "bench/runner.hpp"
#include "profiles/catalogue.hpp"
#include "results/environment.hpp"

#include <map>
#include <string>
#include <vector>

namespace gpubench::cli {

/// This machine as found out, and as the user corrects it.
/// @param instance  "c7i.4xlarge" or "aws c7i.4xlarge"; empty: as DMI says
/// @param visible   the GPUs as the CUDA back-end sees and numbers them, where it is loaded: CUDA_VISIBLE_DEVICES hides
///                  and renumbers, and a container may lack NVML
/// @throws error: usage for an instance that the catalogue does not know, with the nearest names.
results::environment find_machine(const profiles::catalogue& known, const std::string& instance,
                                  const std::vector<bench::cuda_device>& visible);

/// What results are held against: the CPU's peaks by its model, each GPU's by its name in the catalogue and
/// by its links; those of all GPUs together under "gpu0-N".
std::map<std::string, bench::device_peaks> find_peaks(const results::environment& machine,
                                                      const profiles::catalogue& known);

}  // namespace gpubench::cli
