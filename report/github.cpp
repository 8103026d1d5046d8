#include "report/comparison_parts.hpp"
#include "report/text_width.hpp"

#include <fmt/format.h>

#include <string_view>

namespace gpubench::report {
namespace {

/// A workflow command ends at the line's end, its properties at "," and ":". Source: GitHub Docs, "Workflow commands
/// for GitHub Actions"; the escapes are those of actions/toolkit, packages/core.
std::string escape(std::string_view text, bool in_property) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '%')
      safe += "%25";
    else if (in_property && c == ':')
      safe += "%3A";
    else if (in_property && c == ',')
      safe += "%2C";
    else
      safe += c;
  }
  return safe;
}

std::string_view level_of(const comparison_document& content, const comparison::comparison_row& row) {
  using comparison::verdict;
  if (fails(content, row) || row.outcome == verdict::not_comparable) return "error";
  switch (row.outcome) {
    case verdict::ambiguous:
    case verdict::missing:
    case verdict::slower:
    case verdict::wrong_result:
      return "warning";
    case verdict::faster:
      return "notice";
    default:
      return {};
  }
}

}  // namespace

void write_github_annotations(const comparison_document& content, const style&, std::ostream& out) {
  for (const auto& result : content.results) {
    for (const auto& row : result.rows) {
      const auto level = level_of(content, row);
      if (level.empty()) continue;
      out << fmt::format("::{} title={}::{}\n", level,
                         escape(fmt::format("{}: {}", comparison::to_string(row.outcome), to_string(row.key)), true),
                         escape(fmt::format("{}: {}", to_string(row.key), row_sentence(row)), false));
    }
    out << fmt::format("::notice title=gpubench::{}\n", escape(counts_sentence(result), false));
  }
}

}  // namespace gpubench::report
