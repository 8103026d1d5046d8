#pragma once

#include "models/network_request.hpp"
#include "models/serving_step.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gpubench::models {

/// One collective of a pass, as every device of its group takes part in it.
struct communication {
  enum class kind { all_reduce, all_gather, reduce_scatter, all_to_all, point_to_point };
  std::string name;
  kind what = kind::all_reduce;
  double bytes = 0;        ///< the whole buffer: what every rank reduces, or what a gather leaves on every rank
  std::int64_t ranks = 1;  ///< of the group
  double count = 1;
};

/// Tensor parallelism: the sum of each block's output over the group, forward and backward, and of the embedding
/// (Megatron, arXiv 1909.08053, section 3). Pipeline parallelism: hidden states to the next stage and their gradients
/// back. @param data_parallel  replicas: gradients are summed once a step, in buckets of 25 MB as
/// DistributedDataParallel does, which overlap with the backward pass
std::vector<communication> communications(const network_request& request, std::int64_t data_parallel = 1);

/// Of a serving pass: sums after attention and feed-forward block within the tensor-parallel group, gathers and
/// scatters of the mixture's tokens where attention works on different sequences, the logits' gather, and hidden states
/// to the next stage.
std::vector<communication> communications(const serving_step& step);

}  // namespace gpubench::models
