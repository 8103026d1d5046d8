#pragma once

#include <filesystem>
#include <vector>

#include "fleet/job.hpp"

namespace gpubench::fleet {

/// Refuses a campaign where the record of another, or of another task, or none that can be understood, lies in the
/// place of one of these tasks: its node would refuse to do the task there, after it was waited and paid for.
/// @param folder  of the campaign, into which results may have been fetched   @throws error: input
void require_no_foreign_results(const campaign& of, const job& what, const std::vector<int>& tasks,
                                const std::filesystem::path& folder);

}  // namespace gpubench::fleet
