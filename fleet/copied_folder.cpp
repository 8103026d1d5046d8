#include "fleet/copied_folder.hpp"

#include <fmt/format.h>

namespace gpubench::fleet {

submission_refused refused_for_copy(const submission& what, const std::string& theirs, const std::string& there) {
  return submission_refused(
      error(error_kind::input,
            fmt::format("a copy of this campaign's folder handed over {} under the key {}, as {}, which here is of {}",
                        theirs, what.key, there, tasks_in_words(what.tasks)),
            "go on in that folder alone, whose state.json tells of it"));
}

std::string tasks_in_words(const std::vector<int>& tasks) {
  return fmt::format("{} {}", tasks.size() == 1 ? "task" : "tasks", ranges_of(tasks));
}

}  // namespace gpubench::fleet
