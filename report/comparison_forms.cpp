#include "core/error.hpp"
#include "core/text.hpp"
#include "report/comparison_parts.hpp"

#include <fmt/format.h>

namespace gpubench::report {

const std::vector<comparison_form>& comparison_forms() {
  static const std::vector<comparison_form> forms{
      {"table", "text for a terminal", write_comparison_text},
      {"json", "every fact, schema gpubench.comparison/1", write_comparison_json},
      {"csv", "one line for each benchmark, full precision", write_comparison_csv},
      {"markdown", "for a comment on a pull request", write_comparison_markdown},
      {"junit", "JUnit XML, as Jenkins and GitLab read it", write_junit},
      {"github", "workflow commands that annotate a GitHub Actions job", write_github_annotations},
      {"openmetrics", "OpenMetrics text, for GitLab's metrics report", write_openmetrics}};
  return forms;
}

const comparison_form& find_comparison_form(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& form : comparison_forms()) {
    if (form.name == name) return form;
    names.push_back(form.name);
  }
  throw error(error_kind::usage, fmt::format("a comparison has no form '{}'", name),
              fmt::format("known are {}", join(names, ", ")));
}

bool fails(const comparison_document& content, const comparison::comparison_row& row) {
  return content.failing.count(row.outcome) != 0;
}

}  // namespace gpubench::report
