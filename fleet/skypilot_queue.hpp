#pragma once

#include "core/json.hpp"

#include <optional>
#include <string>
#include <vector>

#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// The newest managed job of a name in what `sky jobs queue -o json` says; nothing where there is none.
/// @throws error: environment where that is in no form that is known.
std::optional<json> find_managed_job(const json& queue, const std::string& name);

/// Ids of the requests that launch managed jobs and have not ended, in what `sky api status -o json` says.
/// @throws error: environment where that is in no form that is known.
std::vector<std::string> launches_under_way(const json& requests);

/// @param found  as find_managed_job() gives it
task_status skypilot_status(const std::optional<json>& found, const submission& what, int task);

}  // namespace gpubench::fleet
