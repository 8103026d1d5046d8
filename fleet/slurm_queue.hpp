#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// One task as Slurm tells of it.
struct slurm_task {
  std::string name;  ///< of the job
  std::string id;    ///< of the whole array
  /// Within the array. Absent for a job without one, and for the tasks of an array that have no line of their own, as
  /// those that were cancelled before they began.
  std::optional<int> index;
  std::string state;  ///< "RUNNING", "NODE_FAIL", ...
  std::string node;
  std::string reason;
  std::optional<std::string> started_at, ended_at;  ///< UTC; the end is only foreseen while it runs
  int exit_code = 0, signal = 0;
  bool restarted = false;  ///< requeued: the times are of the last start
};

/// What squeue is asked for (see the columns in squeue(1), "--Format"), and what it answers. Times come as seconds
/// since 1970, by SLURM_TIME_FORMAT=%s. Jobs of hidden partitions are among them, and those of all users, as far as the
/// cluster shows them.
/// @param cluster  whose; empty: that of this machine
std::vector<std::string> squeue_words(const std::vector<std::string>& job_names, const std::string& cluster = {});
/// @throws error: environment for lines of another form.
std::vector<slurm_task> parse_squeue(std::string_view text);

/// The same of sacct, which remembers jobs that slurmctld has forgotten, where the cluster keeps accounts.
std::vector<std::string> sacct_words(const std::vector<std::string>& job_names, const std::string& cluster = {});
std::vector<slurm_task> parse_sacct(std::string_view text);

/// How long slurmctld remembers a job after its end, of what `scontrol show config` says; 0: for good, and nothing
/// where it does not say.
std::optional<std::chrono::seconds> parse_min_job_age(std::string_view configuration);

/// Whose configuration that is; empty where it does not say.
std::string parse_cluster_name(std::string_view configuration);

/// What users may not see of each other's ("jobs", "accounts"; slurm.conf(5), "PrivateData"); nothing where it does not
/// say.
std::optional<std::set<std::string>> parse_private_data(std::string_view configuration);

/// In the words that all engines share. States: squeue(1), "JOB STATE CODES".
task_status status_of(const slurm_task& task, const std::string& job);

}  // namespace gpubench::fleet
