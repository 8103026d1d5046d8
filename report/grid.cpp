#include "report/grid.hpp"

#include "report/text_width.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string_view>

namespace gpubench::report {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 8;  // columns that a shortened text keeps

class text_layout {
 public:
  explicit text_layout(const grid& cells) : cells_(cells) {
    for (std::size_t c = 0; c < cells.columns.size(); ++c) {
      std::size_t width = display_width(cells.columns[c].header);
      for (const auto& row : cells.rows) width = std::max(width, display_width(printable(row[c])));
      widths_.push_back(width);
      shown_.push_back(c);
    }
  }

  void fit(std::size_t limit) {
    while (total() > limit && drop_one()) {
    }
    while (total() > limit && narrow_one(total() - limit)) {
    }
  }

  std::string line(const std::vector<std::string>& texts) const {
    std::string text;
    for (const std::size_t c : shown_) {
      if (c != shown_.front()) text.append(gap, ' ');
      text += pad(shorten(printable(texts[c]), widths_[c]), widths_[c], cells_.columns[c].right_aligned);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  std::size_t total() const {
    return std::accumulate(shown_.begin(), shown_.end(), gap * (shown_.empty() ? 0 : shown_.size() - 1),
                           [this](std::size_t sum, std::size_t c) { return sum + widths_[c]; });
  }

 private:
  bool drop_one() {
    const auto worst = std::max_element(shown_.begin(), shown_.end(), [this](std::size_t a, std::size_t b) {
      return cells_.columns[a].keep < cells_.columns[b].keep;
    });
    if (worst == shown_.end() || cells_.columns[*worst].keep == 0) return false;
    shown_.erase(worst);
    return true;
  }

  // Numbers are never cut: a shortened number would be another number.
  bool narrow_one(std::size_t excess) {
    std::size_t widest = widths_.size();
    for (const std::size_t c : shown_)
      if (!cells_.columns[c].right_aligned && (widest == widths_.size() || widths_[c] > widths_[widest])) widest = c;
    if (widest == widths_.size() || widths_[widest] <= narrowest) return false;
    widths_[widest] = std::max(narrowest, widths_[widest] - std::min(excess, widths_[widest]));
    return true;
  }

  const grid& cells_;
  std::vector<std::size_t> widths_;
  std::vector<std::size_t> shown_;
};

}  // namespace

void write_text(const grid& cells, const style& look, std::ostream& out, std::size_t indent) {
  text_layout layout(cells);
  if (look.width > 0) layout.fit(static_cast<std::size_t>(look.width) - std::min<std::size_t>(indent, 40));
  const std::string margin(indent, ' ');
  std::vector<std::string> headers;
  for (const auto& column : cells.columns) headers.push_back(column.header);
  out << margin << paint(look, emphasis::faint, layout.line(headers)) << '\n';
  for (const auto& row : cells.rows) out << margin << layout.line(row) << '\n';
}

std::size_t full_width(const grid& cells) {
  return text_layout(cells).total();
}

void write_markdown(const grid& cells, std::ostream& out) {
  for (const auto& column : cells.columns) out << "| " << markdown_escape(column.header) << ' ';
  out << "|\n";
  for (const auto& column : cells.columns) out << (column.right_aligned ? "| ---: " : "| --- ");
  out << "|\n";
  for (const auto& row : cells.rows) {
    for (const auto& cell : row) out << "| " << markdown_escape(cell) << ' ';
    out << "|\n";
  }
}

std::string markdown_escape(const std::string& text) {
  const std::string plain = printable(text);
  const auto in_word = [&](std::size_t at) {  // "gemm_fp32" is no emphasis and reads better without a backslash
    const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    return at > 0 && at + 1 < plain.size() && word(plain[at - 1]) && word(plain[at + 1]);
  };
  std::string safe;
  for (std::size_t at = 0; at < plain.size(); ++at) {
    const char c = plain[at];
    if (c == '<') {
      safe += "&lt;";
      continue;
    }
    if (c == '&') {
      safe += "&amp;";
      continue;
    }
    const bool special = std::string_view("\\|*`[]~").find(c) != std::string_view::npos || (c == '_' && !in_word(at));
    if (special) safe += '\\';
    safe += c;
    // On GitHub and GitLab "@name" calls a person and "#1" an issue, escaped or not: no longer with a space of no width
    // between, as dependabot writes them.
    if ((c == '@' || c == '#') && at + 1 < plain.size() && std::isalnum(static_cast<unsigned char>(plain[at + 1])) != 0)
      safe += "&#8203;";
  }
  return safe;
}

std::string paint(const style& look, emphasis how, const std::string& text) {
  if (!look.colour || text.empty()) return text;
  return (how == emphasis::strong ? "\x1b[1m" : "\x1b[2m") + text + "\x1b[0m";
}

}  // namespace gpubench::report
