#pragma once

#include <vector>

#include "rightsizing/history.hpp"

namespace gpubench::rightsizing {

/// Window and step of a history that was read from a file: from the first to the last time, and the median of the times
/// between one and the next, 60 s where there is but one.
void set_span(history& of, std::vector<double> times);

}  // namespace gpubench::rightsizing
