#pragma once

#include <string>
#include <vector>

#include "fleet/job.hpp"

namespace gpubench::fleet {

/// The argument vector that does one task on a node: `gpubench fleet task ... -- COMMAND`. It runs the job's command,
/// names the run file (RESULTS/JOB/INDEX.json), and leaves a record of node, times, exit code and digest beside it. A
/// task that is done already is not done again, and a run that was cut short on the same node is gone on with: a task
/// may be started any number of times.
/// @param index_variable  environment variable that holds the task's index, as SLURM_ARRAY_TASK_ID or
///                        JOB_COMPLETION_INDEX; empty: index 0
/// @param launcher        words before the command: {"srun", "--mpi=pmix"}, {"mpirun", "-np", "16"} for a collective
std::vector<std::string> task_command(const campaign& of, const job& what, const std::string& index_variable,
                                      const std::vector<std::string>& launcher = {});

/// All that the job's command says behind an option, in order: "--filter a", "--filter=a".
std::vector<std::string> said_behind(const job& what, const std::string& option);

/// What the job's command says behind --backend; empty where it says nothing.
std::string backend_of(const job& what);

/// Whether the job's command says --backend host or --device cpu: it needs no GPU, also on nodes that have some.
bool measures_cpus_alone(const job& what);

/// The campaign where several leave their results in one folder, volume or bucket: there it has a folder of its own,
/// RESULTS/CAMPAIGN.
campaign in_own_folder(campaign of);

/// One line for a POSIX shell in which every word stands for itself.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace gpubench::fleet
