#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fleet/collection.hpp"

namespace gpubench::fleet {

/// The task of a job whose node stands for the job's nodes.
struct typical_task {
  std::string job;
  const collected_task* task = nullptr;
  std::size_t nodes = 0;     ///< among which it is in the middle
  std::size_t left_out = 0;  ///< measured too, without a device that the others have
};

/// For each job with a measured node, the one in the middle (of a node that was measured twice the last run counts): of
/// each benchmark, a node's time over the median of all nodes' times; of these ratios, the node's median; of the nodes,
/// in the order of that, the middle one, and of two the slower. So neither a broken node nor a lucky one speaks for the
/// others. Nodes take part that lack the fewest of the devices that most measured: one without its GPUs is no faster
/// and no slower than its peers, by its CPU. A benchmark that a budget ended before leaves no node out. Reads every run
/// file of a job with several.
/// @throws error: io, input as results::load_run_summary()
std::vector<typical_task> typical_tasks(const collection& all);

}  // namespace gpubench::fleet
