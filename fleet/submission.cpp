#include "fleet/submission.hpp"

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

}  // namespace gpubench::fleet
