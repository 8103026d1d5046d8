#include "planner/lowered_step.hpp"

#include <utility>

namespace gpubench::planner {

lowered_step::lowered_step(std::vector<models::network_operator> operators) {
  entries_.reserve(operators.size());
  for (models::network_operator& op : operators) append(std::move(op));
}

void lowered_step::append(models::network_operator op) {
  const models::work w = models::work_of(op.shape, op.precision);
  entries_.push_back({std::move(op), w.flop, w.bytes});
}

}  // namespace gpubench::planner
