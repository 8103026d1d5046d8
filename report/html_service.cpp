#include "report/figures.hpp"
#include "report/html_parts.hpp"
#include "report/html_writer.hpp"
#include "report/ranking.hpp"
#include "report/serving.hpp"

#include <fmt/format.h>

namespace gpubench::report {

std::string html_service(const planner::serving_answer& answer, std::size_t number) {
  const auto said = sentences_of(answer);
  std::string html = fmt::format(
      "<section aria-labelledby=\"service-{0}\">\n<h2 id=\"service-{0}\">Service</h2>\n<p class=\"meta\">{1}</p>\n"
      "<div class=\"answer\">\n<p class=\"rent\"><span class=\"label\">Rent</span> <strong>{2}</strong></p>\n",
      number, html_escape(said.service), html_escape(said.rent));
  if (!said.because.empty())
    html += fmt::format("<p><span class=\"label\">Because</span> it is the {}.</p>\n", html_escape(said.because));
  html += "</div>\n<ul class=\"remarks\">\n";
  const auto add = [&html](const char* label, const std::string& text) {
    if (!text.empty()) html += fmt::format("<li><span class=\"label\">{}</span> {}</li>\n", label, html_escape(text));
  };
  add("At least", said.at_least);
  for (const auto& note : said.notes) add("Note", note);
  html += "</ul>\n";
  if (!answer.ranked.empty()) {
    style look;
    look.max_rows = most_html_rows;
    html_table_options options;
    options.caption = "Offers that keep the limits, each in its cheapest region; latencies as predicted";
    options.header_column = 1;
    options.sortable = true;
    html += "<h3>Ranking</h3>\n" + html_table(service_grid(answer, service_places(answer, look)), options);
  }
  if (!answer.rejected.empty()) {
    html_table_options options;
    options.caption = "Rejected offers and why";
    options.sortable = true;
    html += fmt::format("<h3>Rejected</h3>\n<p>{}.</p>\n", html_escape(said.rejected)) +
            html_details("Each rejected offer", html_table(rejected_grid(answer.rejected, most_html_rows), options));
  }
  return html + "</section>\n";
}

}  // namespace gpubench::report
