#pragma once

#include "core/json.hpp"

#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// What a cluster says of one submission: its Job or MPIJob, and the newest of its pods.
/// @param list  `kubectl get -o json` of both kinds
task_status kubernetes_status(const json& list, const submission& what, int task);

}  // namespace gpubench::fleet
