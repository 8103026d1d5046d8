#pragma once

#include "core/error.hpp"
#include "results/measurement.hpp"

#include <functional>

namespace gpubench::imports {

/// What a tool states of one measurement may lie twice apart: means of rates and rates of the smallest time are none of
/// the mean time. Beyond that a warning says so; ten times apart something has another unit, or was cut off.
inline constexpr double most_apart = 2, refused_apart = 10;

/// Holds a mean and a median that the tool states beside samples against theirs.
/// @throws error: input at the measurement for times that are refused_apart
void hold_times_together(results::measurement& m, const std::function<file_position()>& at);

/// Holds the rates that the tool states against `work` over the times that it states or that were sampled.
/// @param work  of one repetition, as far as it is known
/// @throws error: input at the measurement for rates that are refused_apart
void hold_rates_against(const results::work_done& work, results::measurement& m,
                        const std::function<file_position()>& at);

}  // namespace gpubench::imports
