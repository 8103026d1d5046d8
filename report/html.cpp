#include "core/version.hpp"
#include "report/html_assets.hpp"
#include "report/html_parts.hpp"
#include "report/html_writer.hpp"
#include "report/measured.hpp"
#include "report/serving.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <map>

namespace gpubench::report {
namespace {

// One pass, so that a value which looks like a placeholder stays text.
void fill(std::string_view page, const std::map<std::string_view, std::string_view>& values, std::ostream& out) {
  std::size_t at = 0;
  while (true) {
    const auto open = page.find("{{", at);
    if (open == std::string_view::npos) break;
    const auto close = page.find("}}", open);
    out << page.substr(at, open - at) << values.at(page.substr(open + 2, close - open - 2));
    at = close + 2;
  }
  out << page.substr(at);
}

// "<" starts "</script" and "<!--", which would end or change the script element; inside JSON it only stands in
// strings.
std::string script_safe(const json& data) {
  const std::string text = data.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string safe;
  for (const char c : text) {
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  return safe;
}

std::string title_of(const document& content) {
  if (content.recommendations.size() == 1) {
    const auto& work = content.recommendations.front().workload;
    return "What to rent for " + (work.title.empty() ? work.name : work.title);
  }
  if (content.recommendations.empty() && content.services.size() == 1) {
    const auto& work = content.services.front()->workload;
    return "How to serve " + (work.title.empty() ? work.name : work.title);
  }
  if (content.recommendations.empty() && content.services.size() > 1)
    return fmt::format("How to serve {} workloads", content.services.size());
  if (content.recommendations.size() > 1)
    return fmt::format("What to rent for {} workloads", content.recommendations.size());
  if (content.plans.size() == 1) {
    const auto& work = content.plans.front().workload;
    return "What to rent over time for " + (work.title.empty() ? work.name : work.title);
  }
  if (content.plans.empty() && content.runs.size() > 1) return fmt::format("{} runs side by side", content.runs.size());
  return content.plans.empty() ? "Measurements of this machine" : "What to rent over time";
}

std::string heading_of(const document& content, std::size_t index) {
  const auto& work = content.recommendations[index].workload;
  if (content.recommendations.size() == 1) return "Recommendation";
  return work.title.empty() ? work.name : work.title;
}

std::string header_html(const document& content) {
  std::string html = "<header>\n<p class=\"brand\">gpubench report</p>\n";
  html += fmt::format("<h1>{}</h1>\n<p class=\"meta\">Made <time datetime=\"{}\">{}</time>",
                      html_escape(title_of(content)), html_escape(content.made_at), html_escape(content.made_at));
  if (content.run()) html += " · measured on " + html_escape(machine_line(content.run()->environment));
  html += "</p>\n";
  std::vector<std::pair<std::string, std::string>> links;
  if (content.recommendations.size() > 1)
    for (std::size_t i = 0; i < content.recommendations.size(); ++i)
      links.emplace_back(fmt::format("workload-{}", i + 1), content.recommendations[i].workload.name);
  else if (content.recommendations.size() == 1)
    for (const auto& [id, text] : {std::pair{"answer-1", "Answer"}, {"ranking-1-heading", "Ranking"}})
      links.emplace_back(id, text);
  for (std::size_t i = 0; i < content.plans.size(); ++i)
    links.emplace_back(fmt::format("plan-{}", i + 1), "Plan for " + content.plans[i].workload.name);
  for (std::size_t i = 0; i < content.services.size(); ++i)
    links.emplace_back(fmt::format("service-{}", i + 1), content.services[i]->workload.name);
  if (content.run()) links.emplace_back("machine", "This machine");
  if (content.nodes) links.emplace_back("nodes", "Nodes");
  if (content.runs.size() > 1) links.emplace_back("side-by-side", "Side by side");
  if (!content.runs.empty() || !content.recommendations.empty() || !content.services.empty())
    links.emplace_back("provenance", "Sources");
  links.emplace_back("reproduce", "Reproduce");
  html += "<nav aria-label=\"Sections\"><ul>\n";
  for (const auto& [id, text] : links) html += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", id, html_escape(text));
  return html + "</ul></nav>\n</header>\n";
}

std::string reproduce_html(const document& content) {
  std::string html = "<section aria-labelledby=\"reproduce\">\n<h2 id=\"reproduce\">How to reproduce</h2>\n";
  if (!content.command.empty())
    html += fmt::format("<pre tabindex=\"0\"><code>{}</code></pre>\n", html_escape(content.command));
  std::vector<std::pair<std::string, std::string>> facts{{"gpubench", version}};
  if (!content.run_file().empty()) facts.emplace_back("Run file", content.run_file());
  if (content.run() && !content.runs.front().sha256.empty()) facts.emplace_back("SHA-256", content.runs.front().sha256);
  if (content.run()) {
    facts.emplace_back("Run", content.run()->id);
    if (content.run()->tool_version != version) facts.emplace_back("Measured by gpubench", content.run()->tool_version);
  }
  return html + html_facts(facts) + "</section>\n";
}

void write(const document& content, const style&, std::ostream& out) {
  std::string main;
  for (std::size_t i = 0; i < content.recommendations.size(); ++i)
    main += html_recommendation(content.recommendations[i], i + 1, heading_of(content, i));
  for (std::size_t i = 0; i < content.services.size(); ++i) main += html_service(*content.services[i], i + 1);
  for (std::size_t i = 0; i < content.plans.size(); ++i) main += html_capacity(content.plans[i], i + 1);
  if (content.run())
    main += html_measurements(content);
  else if (!content.runs.empty())
    main += html_nodes(content) + html_side_by_side(content);
  if (!content.runs.empty() || !content.recommendations.empty() || !content.services.empty())
    main += html_provenance(content);
  else if (content.plans.empty())
    main += "<p>Nothing to report: no run and no recommendation.</p>\n";
  main += reproduce_html(content);

  const auto& assets = embedded_html_assets();
  const std::string title = html_escape(title_of(content)), header = header_html(content),
                    data = script_safe(chart_data(content));
  const std::string generator = fmt::format("gpubench {}", version);
  const std::string footer =
      "<footer><p>± and ranges: 90&nbsp;% interval of an estimate; 95&nbsp;% interval of the median of a measurement. "
      "GB is 10<sup>9</sup> bytes, GiB 2<sup>30</sup>; a multiply-add counts two FLOP. "
      "Charts drawn by Chart.js (MIT licence).</p></footer>";
  fill(assets.page,
       {{"title", title},
        {"generator", generator},
        {"style", assets.style},
        {"header", header},
        {"main", main},
        {"footer", footer},
        {"data", data},
        {"chart_library", assets.chart_library},
        {"annotations", assets.annotations},
        {"run_charts", assets.run_charts},
        {"charts", assets.charts},
        {"tables", assets.tables}},
       out);
}

const sink_registration registered{{.name = "html",
                                    .description = "one self-contained page with charts, readable offline",
                                    .write = write,
                                    .ending = ".html"}};

}  // namespace
}  // namespace gpubench::report
