#include "report/html_writer.hpp"

#include "report/text_width.hpp"

#include <fmt/format.h>

namespace gpubench::report {
namespace {

std::string attribute(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : fmt::format(" {}=\"{}\"", name, html_escape(value));
}

std::string cell_html(const grid& cells, const html_table_options& options, std::size_t r, std::size_t c) {
  const std::string& text = cells.rows[r][c];
  std::string attributes = cells.columns[c].right_aligned ? " class=\"number\"" : "";
  if (options.sortable && r < options.sort_keys.size() && c < options.sort_keys[r].size())
    attributes += attribute("data-sort", options.sort_keys[r][c]);
  if (c == options.header_column) return fmt::format("<th scope=\"row\"{}>{}</th>", attributes, html_escape(text));
  return fmt::format("<td{}>{}</td>", attributes, html_escape(text));
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string safe;
  const std::string plain = printable(text);
  for (std::size_t at = 0; at < plain.size(); ++at) {
    const char c = plain[at];
    const auto entity = markup_entity(c);
    if (!entity.empty())
      safe += entity;
    else if (c == ' ' && plain.compare(at, 2, " %") == 0)  // a percent sign stays with its number
      safe += "&nbsp;";
    else
      safe += c;
  }
  return safe;
}

std::string html_table(const grid& cells, const html_table_options& options) {
  std::string html = fmt::format("<div class=\"scroll\" role=\"region\" tabindex=\"0\"{}>\n<table{}{}{}{}>\n",
                                 attribute("aria-label", options.caption), attribute("id", options.id),
                                 attribute("class", options.css_class), options.sortable ? " data-sortable" : "",
                                 options.filter_by_provider ? " data-filter=\"provider\"" : "");
  html += fmt::format("<caption>{}</caption>\n<thead><tr>", html_escape(options.caption));
  for (const auto& column : cells.columns)
    html += fmt::format("<th scope=\"col\"{}>{}</th>", column.right_aligned ? " class=\"number\"" : "",
                        html_escape(column.header));
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < cells.rows.size(); ++r) {
    html += "<tr";
    if (r < options.row_attributes.size()) html += " " + options.row_attributes[r];
    html += ">";
    for (std::size_t c = 0; c < cells.columns.size(); ++c) html += cell_html(cells, options, r, c);
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table>\n</div>\n";
}

std::string html_chart(std::string_view kind, std::string_view key, std::string_view title, std::string_view caption,
                       std::string_view description) {
  return fmt::format(
      "<figure class=\"chart-figure\">\n<figcaption><strong>{}</strong> {}</figcaption>\n"
      "<div class=\"chart chart-{}\"><canvas data-chart=\"{}\" data-key=\"{}\" role=\"img\" "
      "aria-label=\"{}\"></canvas></div>\n"
      "</figure>\n",
      html_escape(title), html_escape(caption), kind, kind, html_escape(key), html_escape(description));
}

std::string html_facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string html = "<dl class=\"facts\">\n";
  for (const auto& [name, value] : facts)
    html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", html_escape(name), html_escape(value));
  return html + "</dl>\n";
}

std::string html_details(std::string_view summary, std::string_view content) {
  return fmt::format("<details>\n<summary>{}</summary>\n{}</details>\n", html_escape(summary), content);
}

}  // namespace gpubench::report
