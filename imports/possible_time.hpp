#pragma once

#include "results/json_field.hpp"

namespace gpubench::imports {

/// Below a billionth of a nanosecond and beyond thirty years a file is damaged or of another unit; 0 is below its
/// clock's resolution.
inline constexpr double least_time_ns = 1e-9, most_time_ns = 1e18;
inline constexpr const char* impossible_time_hint =
    "no benchmark takes that: the file is damaged, or its unit is another one";

/// A time in ns.   @throws error: input at the field for what is no number from 0 on, or more than most_time_ns.
double time_ns_of(const results::json_field& field, double ns_per_unit);

}  // namespace gpubench::imports
