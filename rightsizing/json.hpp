#pragma once

#include "core/json.hpp"

#include <string>

#include "rightsizing/advice.hpp"
#include "rightsizing/history.hpp"

namespace gpubench::rightsizing {

/// gpubench.rightsizing/1; schema/gpubench.rightsizing-1.json describes it. Unknown is absent.
json to_json(const advice& answer, const history& observed, const std::string& made_at, const std::string& command);

}  // namespace gpubench::rightsizing
