#include "imports/possible_time.hpp"

#include <fmt/format.h>

namespace gpubench::imports {

double time_ns_of(const results::json_field& field, double ns_per_unit) {
  const double time = field.number_from(0) * ns_per_unit;
  if (!(time <= most_time_ns)) field.refuse(fmt::format("is a time of {} ns", time), impossible_time_hint);
  return time;
}

}  // namespace gpubench::imports
