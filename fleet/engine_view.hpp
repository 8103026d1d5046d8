#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fleet/filed_task.hpp"
#include "fleet/submit.hpp"

namespace gpubench::fleet {

/// What the engine says, by job and task: of the last submission of each, or of the last that has not ended.
using engine_view = std::map<std::pair<std::string, int>, task_status>;

/// Asks it about the tasks whose files do not tell what became of them, and of others where that costs no question
/// more.
/// @throws error: environment where it gives no answer
engine_view ask_engine(const opened_campaign& what, const std::vector<filed_task>& found);

}  // namespace gpubench::fleet
