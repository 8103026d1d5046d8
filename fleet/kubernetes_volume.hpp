#pragma once

#include "core/json.hpp"

#include <optional>
#include <string>

#include "fleet/job.hpp"
#include "fleet/manifest.hpp"

namespace gpubench::fleet {

/// Where pods leave results, and how they are had from there. Each throws error: usage for what Kubernetes does not
/// take.

/// Label gpubench/role of the pod that results are copied from.
inline constexpr const char* kubernetes_reader_role = "reader";

/// Volume and mount of the results, for any pod.
json kubernetes_results_volume(const campaign& of);
json kubernetes_results_mount(const campaign& of);

/// A claim for a volume that all nodes can write, where the setting volume-size asks for one.
std::optional<manifest> kubernetes_volume_claim(const campaign& of);

/// A pod that mounts the results and waits, to copy them from.
json kubernetes_reader_pod(const campaign& of, const std::string& name);

}  // namespace gpubench::fleet
