#pragma once

#include <vector>

#include "fleet/submit.hpp"

namespace gpubench::fleet {

/// What the engine says about every task of a campaign, by job and task, each by its last submission. One that was not
/// handed over has the reason, and one of which the engine knows nothing what its record says, where that lies here:
/// by that a task that has ended is not out of reach.
/// @throws error: as engine::statuses()
std::vector<task_status> statuses_of(const opened_campaign& what);

}  // namespace gpubench::fleet
