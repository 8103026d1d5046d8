#pragma once

#include "models/network_request.hpp"

#include <vector>

namespace gpubench::models {

/// Every kernel of one pass of a network on one device, as the request's framework launches them: the operators of
/// transformers' BERT, GPT-2, OPT and Llama with its heirs under PyTorch, or those of an inference engine
/// (serving_step.hpp). Linear attention and latent attention over chosen keys are lowered for engines only.
///
/// Under tensor parallelism heads, feed-forward width and vocabulary are split (Megatron, arXiv 1909.08053), under
/// pipeline parallelism layers; embedding and head stand on the first and the last stage. Collectives are not among the
/// operators: communication.hpp.   @throws error: usage as require_valid(), and for what is not lowered.
std::vector<network_operator> lower(const network_request& request);

/// How many kernels that is: what the host has to launch.
double launch_count(const std::vector<network_operator>& network);

/// Weights that this device holds and training updates.
double device_parameters(const network_request& request);

}  // namespace gpubench::models
