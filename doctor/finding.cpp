#include "doctor/finding.hpp"

namespace gpubench::doctor {

std::string_view to_string(severity level) {
  switch (level) {
    case severity::error:
      return "error";
    case severity::warning:
      return "warning";
    case severity::note:
      break;
  }
  return "note";
}

}  // namespace gpubench::doctor
