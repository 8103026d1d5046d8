#pragma once

#include "core/json.hpp"

#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// What a cluster says of one submission: its Job or MPIJob, and the newest of its pods, of an MPIJob its launcher.
/// @param list  `kubectl get -o json` of both kinds, with other submissions too
task_status kubernetes_status(const json& list, const submission& what, int task);

/// The last warning about a submission's objects, "FailedCreate: pods ... is forbidden: exceeded quota": quotas and
/// admission strike where a controller makes the pod, so that neither kubectl create nor the Job tells of them.
/// @param events  `kubectl get events -o json`
/// @return without a warning, that there is no pod yet, or nothing where there is one
std::string kubernetes_warning(const json& events, const json& list, const submission& what);

}  // namespace gpubench::fleet
