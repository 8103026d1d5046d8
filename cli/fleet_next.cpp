#include "cli/fleet_next.hpp"

#include "cli/output.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fleet/collection_file.hpp"

namespace gpubench::cli {

std::string next_after(const fleet::collection& found, const std::string& folder) {
  const auto count = [&](fleet::collected_state state) { return found.count(state); };
  if (count(fleet::collected_state::measured) == found.tasks.size())
    return "gpubench recommend WORKLOAD --results " + folder;
  if (count(fleet::collected_state::not_submitted) == found.tasks.size()) return "gpubench fleet submit " + folder;
  if (found.engine_problem) return fmt::format("gpubench fleet collect {}, when the engine answers", folder);
  if (std::any_of(found.tasks.begin(), found.tasks.end(), fleet::can_be_done_again))
    return "gpubench fleet resume " + folder;
  if (count(fleet::collected_state::not_submitted) > 0) return "gpubench fleet submit " + folder;
  if (count(fleet::collected_state::waiting) + count(fleet::collected_state::running) > 0)
    return fmt::format("gpubench fleet collect {}, when the others have ended", folder);
  if (found.count_out_of_reach() > 0)
    return fmt::format("gpubench fleet collect {}, when the hosts that gave no answer are reached", folder);
  if (count(fleet::collected_state::refused) > 0)
    return fmt::format("gpubench fleet resume {}, which says what is to be moved away first", folder);
  if (count(fleet::collected_state::foreign) > 0)
    return "gpubench fleet render into another --output-dir, with a --results-dir of its own";
  return fmt::format("gpubench fleet collect {}, when results can be fetched", folder);
}

std::string kept_collection(const std::filesystem::path& folder) {
  return labelled("Kept", fmt::format("{} of the last collection, which had more results",
                                      (folder / fleet::collection_file_name).string()));
}

}  // namespace gpubench::cli
