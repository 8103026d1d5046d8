#pragma once

#include "report/document.hpp"

#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "comparison/compare.hpp"

namespace gpubench::report {

/// What a report about comparisons says. Finished and immutable, as `document`.
struct comparison_document {
  std::vector<comparison::comparison_result> results;  ///< one for each new side
  std::set<comparison::verdict> failing;               ///< verdicts that make the answer "no"
  std::string command;
  std::string made_at;
};

/// One output form of comparisons.
struct comparison_form {
  std::string name;  ///< "table", "json", "csv", "markdown", "junit", "github", "openmetrics"
  std::string description;
  std::function<void(const comparison_document&, const style&, std::ostream&)> write;
};
const std::vector<comparison_form>& comparison_forms();
/// @throws error: usage with the known names.
const comparison_form& find_comparison_form(const std::string& name);

/// Whether a row makes the answer "no".
bool fails(const comparison_document& content, const comparison::comparison_row& row);

}  // namespace gpubench::report
