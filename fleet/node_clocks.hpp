#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fleet/collection.hpp"
#include "fleet/engine_view.hpp"

namespace gpubench::fleet {

/// How far the clock of a node is off at least, in seconds, above zero where it is ahead; nothing where its times lie
/// between those of the engine, or within 5 s of them.
std::optional<double> clock_skew_seconds(const std::optional<std::string>& started_at,
                                         const std::optional<std::string>& finished_at, const std::string& not_before,
                                         const std::string& not_after);

/// Of each node whose clock differs by more than that from the engine's, or from this machine's at submission and
/// collection, a sentence that says how far it is off at least.
std::vector<std::string> notes_on_clocks(const opened_campaign& what, const engine_view& view, const collection& all);

}  // namespace gpubench::fleet
