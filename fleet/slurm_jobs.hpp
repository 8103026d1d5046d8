#pragma once

#include <string>
#include <vector>

#include "fleet/job.hpp"
#include "fleet/slurm_queue.hpp"
#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// What Slurm tells of jobs, held against submissions. Of a name it may have several jobs: what users submit by hand
/// has the script's, and a copy of a campaign's folder has the same keys.

/// "17" of an id "17" or "17;cluster"; empty where none is known, or the key stands for one that Slurm has forgotten.
std::string slurm_number_of(const submission& what);

/// "17", or "17;cluster" where that is not this machine's.
std::string slurm_id_at(const std::string& cluster, const std::string& number);

/// Whether it is a task of that submission: its number counts where that is known, and else the name alone.
bool is_of(const slurm_task& task, const submission& what);

/// The jobs of a script that its user submitted by hand, in that order, without the tasks that were cancelled before
/// they began: nobody waits for them.
/// @param there  the tasks by that name, which becomes the key
std::vector<submission> slurm_jobs_by_hand(const std::vector<slurm_task>& there, const job& of,
                                           const std::string& cluster);

/// Refuses a job that Slurm has under a submission's key with other tasks than that has.
/// @param all  whether it must have all of them: else Slurm may have forgotten some, which have ended
/// @throws submission_refused
void require_tasks_of(const std::vector<slurm_task>& there, const submission& what, bool all);

}  // namespace gpubench::fleet
