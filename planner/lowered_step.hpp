#pragma once

#include "models/operators.hpp"

#include <iterator>
#include <vector>

namespace gpubench::planner {

inline constexpr std::size_t operator_kind_count = std::variant_size_v<models::operator_shape>;
inline constexpr std::size_t precision_count = std::size(models::all_precisions);

/// Operators of one step with their work counted, so that a step is priced on hundreds of devices without counting
/// again. Streaming operators that differ in nothing but their amount stay apart: each pays its own overhead.
class lowered_step {
 public:
  struct entry {
    models::network_operator op;
    double flop = 0, bytes = 0;  ///< of one execution
  };

  lowered_step() = default;
  explicit lowered_step(std::vector<models::network_operator> operators);

  void append(models::network_operator op);
  const std::vector<entry>& entries() const { return entries_; }

 private:
  std::vector<entry> entries_;
};

}  // namespace gpubench::planner
