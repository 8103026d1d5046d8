#pragma once

#include <filesystem>
#include <string>

#include "doctor/facts.hpp"

namespace gpubench::doctor {

/// Finds out what the checks look at. Nothing is changed, and nothing is asked over a network.
/// @param root  "/", or the folder of a recorded tree or of a host's files mounted in a container: NVML, the kernel's
/// ring
///              buffer and the environment's variables are then left out, since they are of this machine
facts gather_facts(const std::string& root = "/");

/// Reads what `kubectl get node NAME -o json` printed.   @throws error: io, input naming the field.
kubernetes_node load_kubernetes_node(const std::filesystem::path& path);

}  // namespace gpubench::doctor
