#pragma once

#include <string>
#include <string_view>

#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// Where and as whom a submission goes to Slurm: "cluster" (its ClusterName) and "user"; what is not known is left out.
/// @param cluster  empty also where SLURM_CLUSTERS names one, which stands behind the id
engine_place slurm_place(const std::string& cluster, const std::string& user);

/// Refuses what was noted of a submission where this machine would ask another cluster, which would know nothing of it.
/// What either does not know is let pass.   @throws error: input
void require_slurm_cluster(const engine_place& here, const engine_place& noted);

/// Likewise where jobs would be another user's: of those that there are this one might see nothing, and submit them
/// again.   @throws error: input
void require_slurm_user(const engine_place& here, const engine_place& noted);

/// Whether Slurm may hide jobs of the noted user from the one who asks. From its operators it does not; who is one is
/// not known here.
/// @param configuration  what `scontrol show config` says; empty: nothing
bool may_be_hidden(const engine_place& here, const engine_place& noted, std::string_view configuration);

}  // namespace gpubench::fleet
