#pragma once

#include "core/json_null.hpp"
#include "profiles/workload.hpp"
#include "report/document.hpp"

#include <cmath>
#include <optional>
#include <string>

/// What the parts of the JSON report share.
namespace gpubench::report::json_parts {

// A value that is not finite is unknown; it is written as null on purpose.
inline json number(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}
inline json number(const std::optional<double>& value) {
  return or_null(value);
}

json workload(const profiles::workload& work);

/// One capacity plan, as the schema's "plan" says.
json capacity_plan(const planned_workload& planned);

/// The rows of the comparison of several runs.
json side_by_side(const document& content);

}  // namespace gpubench::report::json_parts
