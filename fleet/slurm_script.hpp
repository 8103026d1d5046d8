#pragma once

#include "fleet/job.hpp"
#include "fleet/manifest.hpp"

namespace gpubench::fleet {

/// The batch script of one job for sbatch: an array with a task a node, or one job over all nodes for a collective.
/// @throws error: usage for what Slurm cannot be asked for
manifest slurm_script(const campaign& of, const job& what);

/// Of the script itself; fleet submit gives each submission a name of its own.
std::string slurm_script_job_name(const campaign& of, const job& what);

/// "p5-48xlarge.sbatch"
std::string slurm_script_name(const job& what);

/// As --time takes it: "1-02:03:04", without days "02:03:04".
std::string slurm_time(std::chrono::seconds time);

/// As engine::without_effect().
std::vector<std::string> slurm_settings_without_effect(const campaign& of);

}  // namespace gpubench::fleet
