#pragma once

#include "planner/device_model.hpp"
#include "planner/recommend.hpp"
#include "profiles/workload.hpp"

#include <optional>
#include <vector>

namespace gpubench::planner {

/// One entry of a list of operators on one device.
struct timed_entry {
  const profiles::listed_operator* op = nullptr;
  models::precision precision = models::precision::fp32;  ///< in which the device computes it
  estimate each;                                          ///< one execution
};

/// A list of operators on one device, or why it cannot run it.
struct timed_list {
  std::vector<timed_entry> entries;
  rejection_reason reason = rejection_reason::unsupported;
  std::string missing;  ///< empty: nothing
};

/// Times of a workload's list of operators: on a GPU as in a table of cases, launched from a captured graph or a full
/// queue unless an entry says otherwise; on a CPU, whose optimisers and embeddings no model covers, those that are one
/// operator of a network, and vector work.
/// @throws error: input at the place of an entry whose parameters cannot be.
timed_list time_list(const profiles::workload& what, const device& on, const device_model& model);

}  // namespace gpubench::planner
