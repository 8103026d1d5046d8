#include "core/units.hpp"
#include "report/figures.hpp"
#include "report/html_parts.hpp"
#include "report/html_writer.hpp"
#include "report/ranking.hpp"
#include "report/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace gpubench::report {
namespace {

constexpr std::size_t most_share_rows = 8;

std::string sort_key(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

std::string job_line(const planner::recommendation& answer) {
  const auto& work = answer.workload;
  std::string text = fmt::format("{} {}s, {}", amount(work.total_units), work.unit, models::to_string(work.precision));
  if (const auto limit = answer.limits.deadline_seconds) text += fmt::format("; deadline {}", set_duration(*limit));
  if (const auto limit = answer.limits.budget_usd) text += fmt::format("; budget {}", money(*limit));
  if (answer.limits.max_nodes > 1) text += fmt::format("; up to {} nodes", answer.limits.max_nodes);
  return text + fmt::format("; {} offers considered", fixed(static_cast<double>(answer.considered), 0));
}

std::string key_figure(const std::string& name, const std::string& value, const std::string& detail) {
  return fmt::format("<div><dt>{}</dt><dd>{}{}</dd></div>\n", html_escape(name), html_escape(value),
                     detail.empty() ? "" : fmt::format(" <small>{}</small>", html_escape(detail)));
}

// "19.8 h (17.9–22.4)" in two parts, for the large figure and the small one beside it.
std::string key_figure_with_range(const std::string& name, const std::string& text) {
  const auto open = text.find(" (");
  if (open == std::string::npos) return key_figure(name, text, "");
  return key_figure(name, text.substr(0, open), text.substr(open + 2, text.size() - open - 3));
}

std::string key_figures(const planner::recommendation& answer) {
  const auto& best = answer.ranked.front();
  std::string html = "<dl class=\"figures\">\n";
  html += key_figure_with_range("Time", duration_with_range(best.job));
  html +=
      key_figure_with_range("Cost", money_with_range(best.expected_cost_usd, best.cost_low_usd, best.cost_high_usd));
  html += key_figure(fmt::format("Per million {}s", answer.workload.unit), money(best.usd_per_million_units), "");
  html += key_figure("Per hour", money(best.usd_per_hour), "");
  if (const auto limit = answer.limits.deadline_seconds)
    html += key_figure("Within " + set_duration(*limit), probability(best.probability_in_deadline), "");
  if (answer.limits.budget_usd) html += key_figure("All limits kept", probability(best.probability_all_limits), "");
  return html + "</dl>\n";
}

std::string answer_html(const planner::recommendation& answer, const sentences& said, std::size_t number) {
  std::string html = fmt::format("<div class=\"answer\" id=\"answer-{}\">\n", number);
  if (!said.feasible) {
    html += fmt::format("<p class=\"rent\"><span class=\"label\">Rent</span> <strong>{}</strong></p>\n",
                        html_escape(said.rent));
    return html + "</div>\n";
  }
  const auto& best = answer.ranked.front();
  const std::string gpus = best.devices > 0 ? fmt::format(" ({})", gpus_of(best)) : "";
  html += fmt::format("<p class=\"rent\"><span class=\"label\">Rent</span> <strong>{}{}</strong>, {}</p>\n",
                      html_escape(system_name(best)), html_escape(gpus), html_escape(region_of(best)));
  html += key_figures(answer);
  html += fmt::format("<p><span class=\"label\">Because</span> it has the {}.</p>\n", html_escape(said.because));
  if (!said.otherwise.empty()) {
    html += "<div class=\"flips\"><p class=\"label\">It would be</p>\n<ul>\n";
    for (const auto& change : said.otherwise) html += fmt::format("<li>{}</li>\n", html_escape(change));
    html += "</ul></div>\n";
  }
  if (!said.prices.empty())
    html += fmt::format("<p class=\"muted\">Estimated {} from {}.</p>\n", html_escape(answer.made_at),
                        html_escape(said.prices));
  return html + "</div>\n";
}

// Every offer in its cheapest region, and the other regions as far as the page's limit goes.
std::vector<std::size_t> shown_places(const planner::recommendation& answer) {
  auto places = cheapest_regions(answer, most_html_rows);
  const std::size_t leaders = std::min(answer.ranked.size(), most_html_rows);
  for (std::size_t i = 0; i < leaders; ++i) places.push_back(i);
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

std::string ranking_html(const planner::recommendation& answer, std::size_t number) {
  const auto places = shown_places(answer);
  const auto firsts = cheapest_regions(answer, 0);
  const auto cells = ranking_grid(answer, places);
  html_table_options options;
  options.caption = "Offers by cost, cheapest first";
  options.id = fmt::format("ranking-{}", number);
  options.css_class = "ranking";
  options.header_column = 1;
  options.sortable = true;
  options.filter_by_provider = true;
  for (std::size_t i = 0; i < cells.rows.size(); ++i) {
    const auto& c = answer.ranked[places[i]];
    std::vector<std::string> keys(cells.columns.size());
    keys[0] = std::to_string(places[i] + 1);
    keys[2] = sort_key(c.job.seconds);
    keys[3] = sort_key(c.expected_cost_usd);
    keys[4] = sort_key(c.usd_per_million_units);
    if (answer.limits.deadline_seconds || answer.limits.budget_usd) keys[5] = sort_key(c.probability_all_limits);
    options.sort_keys.push_back(std::move(keys));
    options.row_attributes.push_back(
        fmt::format("data-provider=\"{}\"{}", html_escape(c.instance ? c.instance->provider : ""),
                    std::binary_search(firsts.begin(), firsts.end(), places[i]) ? "" : " data-repeat"));
  }
  std::string html = fmt::format("<h3 id=\"ranking-{}-heading\">Ranking</h3>\n", number) + html_table(cells, options);
  if (answer.ranked.size() > cells.rows.size())
    html += fmt::format("<p class=\"muted\">{} of {} offers; --format csv has all.</p>\n", cells.rows.size(),
                        fixed(static_cast<double>(answer.ranked.size()), 0));
  return html;
}

std::string front_html(const planner::recommendation& answer) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < answer.ranked.size() && front.size() < most_html_rows; ++i)
    if (answer.ranked[i].on_pareto_front) front.push_back(i);
  if (front.empty()) return {};
  auto cells = ranking_grid(answer, front);
  for (auto& row : cells.rows) row.erase(row.begin());
  cells.columns.erase(cells.columns.begin());
  html_table_options options;
  options.caption = "Pareto front: no other offer is as cheap, as fast and as safe";
  return html_details("The Pareto front as a table", html_table(cells, options));
}

// One bar of the candidate's step, a segment for each bound; the text beside it says the same.
std::string share_bar(const planner::candidate& c, std::string& words) {
  std::string bar = "<span class=\"bar\" aria-hidden=\"true\">";
  auto shares = c.shares;
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.fraction > b.fraction; });
  for (const auto& share : shares) {
    if (!std::isfinite(share.fraction) || share.fraction < 0.005) continue;
    const double width = std::min(share.fraction, 1.0) * 100;
    bar += fmt::format("<span class=\"bound-{}\" style=\"width:{:.1f}%\"></span>",
                       html_escape(predictor::to_string(share.by)), width);
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", bound_name(share.by), percent(share.fraction));
  }
  return bar + "</span>";
}

std::string shares_html(const planner::recommendation& answer) {
  std::set<std::string> seen;
  std::string rows;
  for (const auto& c : answer.ranked) {
    // The same instance type in another region or at another price takes the same time.
    const std::string key = fmt::format("{} {}", c.nodes, c.instance ? c.instance->name() : "");
    if (c.shares.empty() || seen.size() >= most_share_rows || !seen.insert(key).second) continue;
    std::string words;
    const std::string bar = share_bar(c, words);
    const auto unit = time_unit_for(c.step.seconds);
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"share\">{}<span "
        "class=\"words\">{}</span></td></tr>\n",
        html_escape((c.nodes > 1 ? fmt::format("{} × ", c.nodes) : "") + (c.instance ? c.instance->name() : "")),
        html_escape(
            with_interval(c.step.seconds / unit.seconds, c.step.low / unit.seconds, c.step.high / unit.seconds) + " " +
            unit.name),
        bar, html_escape(words));
  }
  if (rows.empty()) return {};
  return "<h3>What the time goes into</h3>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Step "
         "time by what binds it\">\n"
         "<table class=\"shares\"><caption>Time of one step, and the share of it that each resource binds</caption>\n"
         "<thead><tr><th scope=\"col\">instance</th><th scope=\"col\" class=\"number\">step</th>"
         "<th scope=\"col\">share of step time</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string rejected_html(const planner::recommendation& answer, const sentences& said) {
  if (answer.rejected.empty()) return {};
  html_table_options options;
  options.caption = "Rejected offers and why";
  options.sortable = true;
  std::string content = html_table(rejected_grid(answer.rejected, most_html_rows), options);
  if (answer.rejected.size() > most_html_rows)
    content += fmt::format("<p class=\"muted\">The first {} of {}; --format json has all.</p>\n", most_html_rows,
                           fixed(static_cast<double>(answer.rejected.size()), 0));
  return fmt::format("<h3>Rejected</h3>\n<p>{}.</p>\n", html_escape(said.rejected)) +
         html_details("Each rejected offer", content);
}

std::string remarks_html(const sentences& said) {
  std::string items;
  const auto add = [&items](const char* label, const std::string& text) {
    if (!text.empty()) items += fmt::format("<li><span class=\"label\">{}</span> {}</li>\n", label, html_escape(text));
  };
  add("CPU", said.cpu);
  add("Cost", said.cost);
  add("Spot", said.spot);
  add("Next best", said.next_best);
  add("Not separable", said.not_separable);
  add("Measure", said.measure);
  for (const auto& rule : said.rules) add("Rule of thumb", rule);
  for (const auto& note : said.notes) add("Note", note);
  return items.empty() ? items : "<ul class=\"remarks\">\n" + items + "</ul>\n";
}

}  // namespace

std::string html_recommendation(const planner::recommendation& answer, std::size_t number, std::string_view heading) {
  const auto said = sentences_of(answer);
  std::string html = fmt::format(
      "<section aria-labelledby=\"workload-{0}\">\n<h2 id=\"workload-{0}\">{1}</h2>\n<p class=\"meta\">{2}</p>\n",
      number, html_escape(heading), html_escape(job_line(answer)));
  html += answer_html(answer, said, number);
  html += remarks_html(said);
  if (!answer.ranked.empty()) {
    html += "<h3>Cost against time</h3>\n";
    html += html_chart(
        "tradeoff", std::to_string(number), "",
        "Each point is an offer in its cheapest region; towards the lower left is better. Filled points "
        "joined by the line are the "
        "Pareto front: "
        "nothing else is as cheap, as fast and as safe. Whiskers are 90 % intervals. Both axes are logarithmic.",
        describe_tradeoff(answer));
    html += front_html(answer);
    html += ranking_html(answer, number);
    html += shares_html(answer);
  }
  return html + rejected_html(answer, said) + "</section>\n";
}

}  // namespace gpubench::report
