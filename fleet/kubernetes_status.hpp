#pragma once

#include "core/json.hpp"

#include <map>
#include <string>
#include <utility>

#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// What a cluster says of one submission: its Job or MPIJob, and the newest of its pods, of an MPIJob its launcher.
/// @param list  objects of both kinds, with "items" as kubectl get has them; of other submissions too
task_status kubernetes_status(const json& list, const submission& what, int task);

/// The objects of `kubectl get -o json` by the key of their submission, each a list of its own.
std::map<std::string, json> kubernetes_objects_by_key(json said);

/// When an object was warned of last (UTC), and in which words, by its name.
using kubernetes_warnings = std::map<std::string, std::pair<std::string, std::string>>;
/// @param events  `kubectl get events -o json`
kubernetes_warnings read_kubernetes_warnings(const json& events);

/// The last warning about a submission's objects, "FailedCreate: pods ... is forbidden: exceeded quota": quotas and
/// admission strike where a controller makes the pod, so that neither kubectl create nor the Job tells of them.
/// @return without a warning, that there is no pod yet, or nothing where there is one
std::string kubernetes_warning(const kubernetes_warnings& known, const json& list, const submission& what);

}  // namespace gpubench::fleet
