#include "planner/lowered_step.hpp"

namespace gpubench::planner {

lowered_step::lowered_step(const std::vector<models::network_operator>& operators) {
  entries_.reserve(operators.size());
  for (const models::network_operator& op : operators) append(op);
}

void lowered_step::append(const models::network_operator& op) {
  const models::work w = models::work_of(op.shape, op.precision);
  entries_.push_back({static_cast<std::uint8_t>(op.shape.index()), static_cast<std::uint8_t>(op.precision), w.flop,
                      w.bytes, op.count});
}

}  // namespace gpubench::planner
