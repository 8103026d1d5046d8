#pragma once

#include "models/operators.hpp"

#include <string_view>
#include <vector>

namespace gpubench::models {

/// Work of all operators whose kind and name match; an empty text matches all.
inline work total_of(const std::vector<network_operator>& operators, std::string_view kind = {},
                     std::string_view name = {}) {
  work total;
  for (const auto& op : operators) {
    if ((!kind.empty() && kind_of(op.shape) != kind) || (!name.empty() && op.name != name)) continue;
    const auto one = work_of(op.shape, op.precision);
    total.flop += op.count * one.flop;
    total.bytes += op.count * one.bytes;
  }
  return total;
}

inline double count_of(const std::vector<network_operator>& operators, std::string_view name) {
  double count = 0;
  for (const auto& op : operators)
    if (op.name == name) count += op.count;
  return count;
}

}  // namespace gpubench::models
