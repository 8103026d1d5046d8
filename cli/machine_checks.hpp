#pragma once

#include <vector>

#include "comparison/noise_profile.hpp"

namespace gpubench::cli {

/// Of the clock that all timing uses.
comparison::timer_check check_timer();

/// Whether flushing leaves data cold, on the CPU; empty where that cannot be tried.
std::vector<comparison::flush_check> check_flushes();

}  // namespace gpubench::cli
