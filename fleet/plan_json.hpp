#pragma once

#include "core/json.hpp"

#include <string>

#include "fleet/probe_plan.hpp"

namespace gpubench::fleet {

/// The document gpubench.fleet-plan/1 (fleet/schema). What is not known is null.
json to_json(const probe_plan& plan, const probe_terms& terms, const std::string& made_at, const std::string& command);

}  // namespace gpubench::fleet
