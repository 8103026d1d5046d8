#pragma once

#include <string>

#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// Where and as whom a submission goes to Slurm: "cluster" (its ClusterName) and "user"; what is not known is left out.
/// @param cluster  empty also where SLURM_CLUSTERS names one, which stands behind the id
engine_place slurm_place(const std::string& cluster, const std::string& user);

/// Refuses what was noted of a submission where this machine would ask another cluster, or as another user: it would
/// know nothing of it. What either does not know is let pass.   @throws error: input
void require_slurm_place(const engine_place& here, const engine_place& noted);

}  // namespace gpubench::fleet
