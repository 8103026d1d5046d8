#pragma once

#include <optional>
#include <string>

#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {

/// Whether kernel_list_case() answers it.
bool is_kernel_list(const std::string& op, const case_parameters& parameters);

/// Work that is several kernels of the streaming family, one after the other:
///   op=optimizer;kind=adam|adamw|sgd|momentum|lamb|lion|adagrad|rmsprop;parameters;tensors;fused;state;master, or
///     op=adamw and so on
///   op=embedding;backward;tokens;hidden;vocab: the table's gradient is cleared, then every token's row is added
/// Without `state` and `master` the optimiser is PyTorch's (models::optimizer_step()), weights, gradients and state in
/// the case's precision. With them it is one kernel of mixed precision (Micikevicius et al., arXiv 1710.03740), which
/// reads the gradient, the weight (with master=1 its fp32 copy) and the state and writes all but the gradient;
/// state=int8 keeps a scale for each 256 values (Dettmers et al., arXiv 2110.02861).
/// LAMB (You et al., arXiv 1904.00962) reads weights and updates once more for their norms; Lion, Adagrad and RMSprop
/// keep one value a weight, as momentum does, and are taken as it.
/// @param memory_bytes  of the GPU
/// @returns nothing where `op` is none of these
/// @throws error: input naming what is missing or impossible; infeasible where weights, gradients and state exceed the
///         GPU's memory
std::optional<case_answer> kernel_list_case(const std::string& op, const prediction_case& what,
                                            const case_parameters& parameters, const gpu_model& model,
                                            double memory_bytes);

}  // namespace gpubench::predictor
