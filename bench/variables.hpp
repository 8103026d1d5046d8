#pragma once

#include <map>
#include <string>
#include <vector>

namespace gpubench::bench {

/// Of "NAME=value" strings those that can change a measurement, chosen by prefix (OMP_, OPENBLAS_, DNNL_, CUDA_, NCCL_,
/// ...), so that nothing else of the environment reaches a report. A name that sounds like a secret is left out even
/// so.
std::map<std::string, std::string> chosen_variables(const std::vector<std::string>& environment);

/// The strings of this process's environment.
std::vector<std::string> process_environment();

}  // namespace gpubench::bench
