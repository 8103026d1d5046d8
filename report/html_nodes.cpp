#include "report/html_parts.hpp"
#include "report/html_writer.hpp"
#include "report/nodes.hpp"

#include <fmt/format.h>

namespace gpubench::report {

std::string html_nodes(const document& content) {
  if (!content.nodes) return {};
  const auto& found = *content.nodes;
  std::string html = "<section aria-labelledby=\"nodes\">\n<h2 id=\"nodes\">Nodes among their peers</h2>\n<ul>\n";
  for (const auto& sentence : node_sentences(found)) html += fmt::format("<li>{}</li>\n", html_escape(sentence));
  html += "</ul>\n";
  if (!found.slow.empty()) {
    html_table_options options;
    options.caption = "What is slower than its peers, by its worst benchmark; spread is the peers' robust deviation";
    html += html_table(slow_parts_grid(found), options);
  }
  html_table_options options;
  options.caption = "Each node: its typical excess of time over the median of its peers, the slowest first";
  auto cells = node_standings_grid(found);
  const auto all = cells.rows.size();
  if (all > most_html_rows) cells.rows.resize(most_html_rows);
  html += html_table(cells, options);
  if (all > most_html_rows)
    html += fmt::format("<p class=\"muted\">The first {} of {} nodes.</p>\n", most_html_rows, all);
  return html + "</section>\n";
}

}  // namespace gpubench::report
