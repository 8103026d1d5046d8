#pragma once

#include "cli/program.hpp"

namespace gpubench::cli {

/// Options of output for a process that may be one of several ranks. A launcher gives its ranks a terminal that is none
/// of the user's: what looks like one is a pipe to it.
global_options for_ranks(global_options global);

}  // namespace gpubench::cli
