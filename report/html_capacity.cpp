#include "report/capacity.hpp"
#include "report/html_parts.hpp"
#include "report/html_writer.hpp"

#include <fmt/format.h>

namespace gpubench::report {
namespace {

std::string table_of(const grid& cells, const char* caption, std::size_t header_column = 0) {
  if (cells.rows.empty()) return {};
  html_table_options options;
  options.caption = caption;
  options.header_column = header_column;
  return html_table(cells, options);
}

std::string list_of(const char* label, const std::vector<std::string>& items) {
  if (items.empty()) return {};
  std::string html = "<ul class=\"remarks\">\n";
  for (const auto& item : items)
    html += fmt::format("<li><span class=\"label\">{}</span> {}</li>\n", label, html_escape(item));
  return html + "</ul>\n";
}

}  // namespace

std::string html_capacity(const planned_workload& planned, std::size_t number) {
  const auto said = sentences_of(planned);
  const auto& plan = planned.plan;
  std::string html = fmt::format(
      "<section aria-labelledby=\"plan-{0}\">\n<h2 id=\"plan-{0}\">Capacity over time: {1}</h2>\n<p "
      "class=\"meta\">{2}</p>\n",
      number, html_escape(planned.workload.name), html_escape(said.demand));
  html += fmt::format(
      "<div class=\"answer\">\n<p class=\"rent\"><span class=\"label\">Rent</span> <strong>{}</strong></p>\n",
      html_escape(said.rent));
  if (!said.because.empty())
    html += fmt::format("<p><span class=\"label\">Because</span> it is the {}.</p>\n", html_escape(said.because));
  html += "</div>\n" + list_of("Breaks", said.breaks) + list_of("Note", planned.notes);
  html += table_of(plan_grid(planned, most_html_rows), "Plans by cost, cheapest first", 1);
  if (said.feasible) {
    const auto& best = plan.ranked.front();
    html += table_of(policy_grid(best), "The first plan under each policy, beside what nobody can beat");
    html += table_of(month_grid(planned, best), "The first plan by month");
    html += table_of(sensitivity_grid(planned), "What would change the first plan");
  }
  if (!said.refused.empty())
    html +=
        fmt::format("<h3>Refused</h3>\n<p>{}.</p>\n", html_escape(said.refused)) +
        html_details("Each refused offer", table_of(refused_grid(planned, most_html_rows), "Refused, nearest first"));
  return html + "</section>\n";
}

}  // namespace gpubench::report
