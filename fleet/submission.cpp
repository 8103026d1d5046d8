#include "fleet/submission.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace gpubench::fleet {

std::string_view to_string(task_state state) {
  switch (state) {
    case task_state::waiting:
      return "waiting";
    case task_state::running:
      return "running";
    case task_state::ended:
      return "ended";
    case task_state::failed:
      return "failed";
    case task_state::unknown:
      break;
  }
  return "unknown";
}

std::string ranges_of(const std::vector<int>& tasks) {
  std::string text;
  for (std::size_t i = 0; i < tasks.size();) {
    std::size_t last = i;
    while (last + 1 < tasks.size() && tasks[last + 1] == tasks[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(tasks[i]);
    if (last > i) text += fmt::format("-{}", tasks[last]);
    i = last + 1;
  }
  return text;
}

bool has_ended_since(const std::optional<std::string>& finished_at, const submission* last) {
  return finished_at && (last == nullptr || *finished_at >= last->submitted_at);
}

}  // namespace gpubench::fleet
