#pragma once

#include "core/json.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "fleet/engine.hpp"
#include "fleet/job.hpp"
#include "fleet/manifest.hpp"

namespace gpubench::fleet {

/// Label on all that a submission makes, with its key.
inline constexpr const char* kubernetes_key_label = "gpubench/key";
/// Environment variable of a pod that holds its task's index.
inline constexpr const char* kubernetes_task_variable = "GPUBENCH_TASK";

std::vector<engine_setting> kubernetes_settings();

/// The objects of a job, of the APIs batch/v1 (Kubernetes 1.29 or newer) and kubeflow.org/v2beta1: runs of each node a
/// Job, indexed where there are several, and one for each host where hosts are named; a collective an MPIJob of the
/// Kubeflow MPI operator.   @throws error: usage for what Kubernetes cannot be told: no image, no place for results,
/// names and labels that it does not take, a GPU without back-end.
std::vector<json> kubernetes_objects(const campaign& of, const job& what);

/// "p5-48xlarge.yaml": the objects of one job as YAML documents.
std::string kubernetes_manifest_name(const job& what);
manifest kubernetes_manifest(const campaign& of, const job& what);

/// What is handed over for some tasks: an object of the manifest under the submission's own name, and where it is a Job
/// that of the one task alone. It has gpubench's labels again, also where they were changed in the manifest.
/// @param objects  of the manifest, as kubectl read them
/// @throws error: input where they are not what was rendered: no Job or MPIJob, or none for this host.
json kubernetes_submission(const std::vector<json>& objects, const campaign& of, const job& what,
                           const std::string& key, int task);

}  // namespace gpubench::fleet
