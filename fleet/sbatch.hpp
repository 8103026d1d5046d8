#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/job.hpp"
#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// The call that hands a script over for some tasks of its job. What the script says counts, as its reader would think:
/// SBATCH_ variables of the user's own, which sbatch prefers to its lines (sbatch(1), "INPUT ENVIRONMENT VARIABLES"),
/// are unset where it has such a line (or one that excludes theirs, as --mem does --mem-per-cpu), as are those by which
/// sbatch waits for the job's end or makes an array of it; the limit of its own --array line ("0-3%1") is kept.
/// @param script  the text of `file`, as it was rendered and perhaps changed by the user
std::vector<std::string> sbatch_words(const job& of, const submission& what, const std::string& file,
                                      std::string_view script);

/// The id that sbatch --parsable printed, "17" or "17;cluster": of the last line, since some have a banner above it.
/// Nothing where that is none.
std::optional<std::string> sbatch_id(std::string_view output);

/// Whether the script has a line of its own with --clusters.
bool names_clusters(std::string_view script);

}  // namespace gpubench::fleet
