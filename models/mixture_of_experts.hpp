#pragma once

#include "models/operators.hpp"

#include <cstdint>

namespace gpubench::models {

/// Experts that at least one of `tokens` tokens is sent to, when each token picks `experts_per_token` different ones of
/// `experts` evenly and independently of the others: E * (1 - (1 - k/E)^tokens). Routers trained for balanced load come
/// near it; a batch of like texts touches fewer.
double expected_touched_experts(double experts, double experts_per_token, double tokens);

/// One product of all experts that are touched, as a grouped GEMM: as many products as touched experts (rounded, at
/// least 1), each of the mean number of rows (rounded up). @param n, k  of one expert's matrix, as in gemm
/// @param share  of all experts, that this device holds
gemm grouped_gemm(std::int64_t experts, std::int64_t experts_per_token, std::int64_t tokens, std::int64_t n,
                  std::int64_t k, double share = 1);

}  // namespace gpubench::models
