#pragma once

#include "core/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "fleet/job.hpp"
#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// The name of the Job or MPIJob that an object is, or that made it: of what fleet submitted the key. Empty for others.
std::string kubernetes_owner_of(const json& object);

/// What a Job or MPIJob that was made from a manifest by hand would be in a list of submissions: all of its tasks, by
/// its own name. Nothing for what fleet submitted, and for other objects.
/// @param object  as kubectl get has it
std::optional<submission> kubernetes_made_by_hand(const json& object, const job& what);

/// What a cluster says of one submission: its Job or MPIJob, and the newest of its pods, of an MPIJob its launcher.
/// @param list  objects of both kinds, with "items" as kubectl get has them; of other submissions too
task_status kubernetes_status(const json& list, const submission& what, int task);

/// The objects of `kubectl get -o json` by kubernetes_owner_of() each, each a list of its own.
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
