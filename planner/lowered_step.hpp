#pragma once

#include "models/operators.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace gpubench::planner {

inline constexpr std::size_t operator_kind_count = 5;  ///< alternatives of models::operator_shape
inline constexpr std::size_t precision_count = std::size(models::all_precisions);

/// Operators of one step with their work counted, so that a step is priced on hundreds of devices without counting
/// again. Streaming operators that differ in nothing but their amount stay apart: each pays its own overhead.
class lowered_step {
 public:
  struct entry {
    std::uint8_t kind = 0;       ///< index into models::operator_shape
    std::uint8_t precision = 0;  ///< index into models::all_precisions
    double flop = 0, bytes = 0, count = 0;
  };

  lowered_step() = default;
  explicit lowered_step(const std::vector<models::network_operator>& operators);

  void append(const models::network_operator& op);
  const std::vector<entry>& entries() const { return entries_; }

 private:
  std::vector<entry> entries_;
};

}  // namespace gpubench::planner
