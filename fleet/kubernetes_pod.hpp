#pragma once

#include "core/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/job.hpp"

namespace gpubench::fleet {

/// The only user beside root that the image (Containerfile) knows by name.
inline constexpr std::int64_t kubernetes_image_user = 1000;

/// Parts of pods that gpubench runs in. Each throws error: usage for values that Kubernetes does not take.

/// A DNS label (RFC 1123): at most 63 of a-z, 0-9 and hyphens, an alphanumeric at each end.
void require_dns_label(const std::string& what, const std::string& text);

json kubernetes_labels(const campaign& of, const job& what);

/// Spec of a pod with one container: where it may run, as whom, with which devices, shared memory and volume.
/// @param command   argument vector
/// @param on_nodes  it measures: it is given the job's devices, and no node twice at once
/// @param host      the one node that it must run on; empty: any that fits
json kubernetes_pod_spec(const campaign& of, const job& what, const std::vector<std::string>& command, bool on_nodes,
                         const std::string& host);

/// Of a pod that measures nothing, as mpirun's: requests and limits, which quotas of CPUs and memory want of every pod.
json kubernetes_small_resources();
/// What every pod of a campaign has from its settings: tolerations, account, priority, the secret of its registry.
void add_kubernetes_pod_settings(const campaign& of, json& spec);

json kubernetes_pod_security(const campaign& of);
/// The user's number that containers run as.
std::int64_t kubernetes_user(const campaign& of);
/// @param added  capabilities, all others being dropped
json kubernetes_container_security(const std::vector<std::string>& added);
std::string kubernetes_image(const campaign& of);

}  // namespace gpubench::fleet
