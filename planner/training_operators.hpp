#pragma once

#include "models/operators.hpp"
#include "profiles/workload.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::planner {

/// One device's share of a micro-batch.
struct training_slice {
  std::int64_t sequences = 1;
  models::precision precision = models::precision::bf16;
  std::int64_t tensor_parallel = 1, expert_parallel = 1;
  std::int64_t layers = 0;  ///< 0: all
};

/// Forward and backward pass of a workload's transformer as models::transformer_forward_backward() lowers it. A mixture
/// of experts: the feed-forward block's products become grouped ones over this device's experts, with the tokens that
/// all expert-parallel ranks send (even routing), and a router and the tokens' way to the experts and back come
/// besides. Every layer has the mixture.   @throws error: usage for models that training does not lower.
std::vector<models::network_operator> training_operators(const profiles::workload& what, const training_slice& slice,
                                                         bool recompute);
/// The forward pass alone, the output head over all positions.
std::vector<models::network_operator> training_forward_operators(const profiles::workload& what,
                                                                 const training_slice& slice);

}  // namespace gpubench::planner
