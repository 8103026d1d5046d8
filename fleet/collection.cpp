#include "fleet/collection.hpp"

#include <algorithm>

namespace gpubench::fleet {

std::string_view to_string(collected_state state) {
  switch (state) {
    case collected_state::measured:
      return "measured";
    case collected_state::failed:
      return "failed";
    case collected_state::refused:
      return "refused";
    case collected_state::foreign:
      return "foreign";
    case collected_state::running:
      return "running";
    case collected_state::waiting:
      return "waiting";
    case collected_state::not_submitted:
      return "not-submitted";
    case collected_state::unknown:
      break;
  }
  return "unknown";
}

bool can_be_done_again(const collected_task& task) {
  if (!task.can_be_repeated) return false;
  return task.state == collected_state::failed || task.state == collected_state::unknown ||
         task.state == collected_state::refused;
}

std::size_t collection::count(collected_state state) const {
  return static_cast<std::size_t>(
      std::count_if(tasks.begin(), tasks.end(), [&](const collected_task& task) { return task.state == state; }));
}

std::size_t collection::count_out_of_reach() const {
  return static_cast<std::size_t>(
      std::count_if(tasks.begin(), tasks.end(), [](const collected_task& task) { return task.is_out_of_reach; }));
}

}  // namespace gpubench::fleet
