#pragma once

#include "core/json.hpp"

#include <string>
#include <vector>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

inline constexpr const char* doctor_schema = "gpubench.doctor/1";

enum class check_state { passed, found, not_checked };
std::string_view to_string(check_state state);

struct checked {
  std::string id, title;
  check_state state = check_state::passed;
  std::string reason;  ///< why it was not checked
};

/// What all checks say of a machine.
struct diagnosis {
  std::vector<finding> findings;  ///< errors first; within a severity in the order of the checks
  std::vector<checked> checks;

  std::size_t count(severity level) const;
  std::size_t count(check_state state) const;
  bool has_errors() const { return count(severity::error) > 0; }
};

diagnosis diagnose(const facts& machine, const compatibility& known);

/// Adds findings that no check of its own makes, as those against a lock file, and keeps the order.
void add_findings(diagnosis& to, const checked& by, std::vector<finding> findings);

/// As doctor/schema/gpubench.doctor-1.json describes it.
json to_json(const diagnosis& found, const facts& machine);

}  // namespace gpubench::doctor
