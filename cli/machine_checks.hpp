#pragma once

#include "cli/measuring.hpp"

#include <string>
#include <vector>

#include "comparison/noise_profile.hpp"

namespace gpubench::cli {

/// Of the clock that all timing uses.
comparison::timer_check check_timer();

/// Whether flushing leaves data cold, on the CPU and on each GPU that is asked for.
struct flush_findings {
  std::vector<comparison::flush_check> checks;
  std::vector<std::string> unknown;  ///< "gpu0: the chain does not fit the device's memory"
};
/// @throws error: environment or usage, where a back-end or device that is asked for is not here
flush_findings check_flushes(const measuring_options& asked);

}  // namespace gpubench::cli
