#include "core/text.hpp"
#include "report/comparison_parts.hpp"
#include "report/figures.hpp"
#include "report/text_width.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace gpubench::report {
namespace {

// "same" is what one hopes for: shown when there are few, or when asked for.
bool shows_all(const comparison::comparison_result& result, const style& look) {
  return look.max_rows == 0 || result.rows.size() <= look.max_rows;
}

std::string side_text(const std::string& name, std::size_t runs) {
  return fmt::format("{} ({})", name, count_of(runs, "run"));
}

void say(std::ostream& out, const style& look, const std::string& label, const std::string& text) {
  const std::size_t label_width = 11;
  const std::size_t width = look.width > 0 ? static_cast<std::size_t>(look.width) : 1000;
  const auto lines = wrap(printable(text), std::max<std::size_t>(width, 40) - label_width);
  for (std::size_t i = 0; i < lines.size(); ++i)
    out << paint(look, emphasis::faint, pad(i == 0 ? label : "", label_width, false)) << lines[i] << '\n';
}

constexpr std::size_t margin = 2;

// Where the table is too wide, its last column, which says why, goes below it rather than away.
std::vector<std::string> take_reasons(grid& cells, const style& look) {
  std::vector<std::string> reasons;
  if (look.width == 0 || full_width(cells) + margin <= static_cast<std::size_t>(look.width)) return reasons;
  cells.columns.pop_back();
  for (auto& row : cells.rows) {
    if (!row.back().empty()) reasons.push_back(row.front() + ": " + row.back());
    row.pop_back();
  }
  return reasons;
}

void write_one(const comparison::comparison_result& result, const style& look, std::ostream& out) {
  say(out, look, "Base", side_text(result.base, result.base_runs));
  say(out, look, "New", side_text(result.fresh, result.fresh_runs));
  say(out, look, "Verdicts", counts_sentence(result));
  auto cells = comparison_grid(result, shows_all(result, look));
  const auto reasons = take_reasons(cells, look);
  if (!cells.rows.empty()) {
    out << '\n';
    write_text(cells, look, out, margin);
    out << '\n';
  }
  for (const auto& reason : reasons) say(out, look, &reason == &reasons.front() ? "Because" : "", reason);
  say(out, look, "Judged by", criteria_sentence(result));
  std::string label = "Differing";
  for (const bool forbidding : {true, false}) {
    for (const auto& d : result.differences) {
      if (d.forbids != forbidding) continue;
      say(out, look, label, difference_text(d, result.by));
      label.clear();
    }
  }
}

}  // namespace

void write_comparison_text(const comparison_document& content, const style& look, std::ostream& out) {
  for (const auto& result : content.results) {
    if (&result != &content.results.front()) out << '\n';
    write_one(result, look, out);
  }
}

void write_comparison_markdown(const comparison_document& content, const style&, std::ostream& out) {
  for (const auto& result : content.results) {
    const bool bad =
        std::any_of(result.rows.begin(), result.rows.end(), [&](const auto& row) { return fails(content, row); });
    out << "### gpubench: " << (bad ? "✗ " : "") << markdown_escape(counts_sentence(result)) << "\n\n"
        << markdown_escape(side_text(result.base, result.base_runs)) << " → "
        << markdown_escape(side_text(result.fresh, result.fresh_runs)) << "\n\n";
    const auto telling = comparison_grid(result, false);
    if (!telling.rows.empty()) {
      write_markdown(telling, out);
      out << '\n';
    }
    const auto all = comparison_grid(result, true);
    if (all.rows.size() > telling.rows.size()) {
      out << "<details><summary>All benchmarks</summary>\n\n";
      write_markdown(all, out);
      out << "\n</details>\n\n";
    }
    for (const auto& d : result.differences) out << "- " << markdown_escape(difference_text(d, result.by)) << '\n';
    if (!result.differences.empty()) out << '\n';
    out << "<sub>Judged by: " << markdown_escape(criteria_sentence(result)) << ".</sub>\n\n";
  }
}

}  // namespace gpubench::report
