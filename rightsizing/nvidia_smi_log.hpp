#pragma once

#include <filesystem>

#include "rightsizing/history.hpp"

namespace gpubench::rightsizing {

/// A log of `nvidia-smi --query-gpu=timestamp,...,utilization.gpu,memory.used --format=csv -l SECONDS` (with units in
/// cells or only in the header; "[N/A]" and its like are unknown; a header that comes again is passed over), or one of
/// `gpubench monitor --csv`. Needs times, and utilization or memory.
/// A last line without an end, and lines of anything else, are left out with a note that names them.
/// @throws error: io; input at file:line:column for a file of which such lines are the most, and for anything else.
history read_log(const std::filesystem::path& file);

}  // namespace gpubench::rightsizing
