#pragma once

#include "cli/program.hpp"

#include <string>
#include <vector>

#include "fleet/job.hpp"

namespace gpubench::cli {

// What nodes are told to run: what could only fail there is refused here. Each throws error: usage.

/// Refuses what a task names itself, and what would end without a run file.
void require_task_command(const std::vector<std::string>& command);

/// Refuses what every node would refuse, after it was waited and paid for. What the node itself has or lacks, as files
/// and GPUs, is not looked at.
void require_accepted_command(const program& chosen, const fleet::job& one);

/// Says --backend host to a run whose filter takes benchmarks of the CPU alone, which nothing else would tell of.
void say_host_to_cpu_benchmarks(fleet::job& one);

/// Refuses a collective on CPUs that would have one rank.
void require_partners(const fleet::job& one);

/// Refuses --backend cuda where no GPU is asked for.
/// @param gpus_said  by an option or an instance type; else an engine without GPUs to be asked for may give some
void require_gpus_of_backend(const fleet::job& one, bool gpus_said);

/// Ranks that find no GPU would measure the CPUs of machines that were taken for their GPUs, and it would count: says
/// --backend cuda to them, and refuses more than there are GPUs.
void require_gpus_of_ranks(fleet::job& one);

}  // namespace gpubench::cli
