#include "models/mixture_of_experts.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::models {

double expected_touched_experts(double experts, double experts_per_token, double tokens) {
  if (experts <= 0 || tokens <= 0) return 0;
  const double picked = std::min(experts_per_token / experts, 1.0);
  // log1p and expm1 keep the digits where a token picks few of many experts.
  return picked >= 1 ? experts : -experts * std::expm1(tokens * std::log1p(-picked));
}

gemm grouped_gemm(std::int64_t experts, std::int64_t experts_per_token, std::int64_t tokens, std::int64_t n,
                  std::int64_t k, double share) {
  const double touched =
      share * expected_touched_experts(static_cast<double>(experts), static_cast<double>(experts_per_token),
                                       static_cast<double>(tokens));
  const double products = std::max(std::round(touched), 1.0);
  const double rows = share * static_cast<double>(tokens) * static_cast<double>(experts_per_token);
  // Rounding errors of the quotient must not add a row.
  const double rows_each = std::max(std::ceil(rows / products - 1e-9), 1.0);
  return {static_cast<std::int64_t>(rows_each), n, k, static_cast<std::int64_t>(products)};
}

}  // namespace gpubench::models
