#include "core/units.hpp"
#include "report/capacity.hpp"
#include "report/figures.hpp"
#include "report/measured.hpp"
#include "report/nodes.hpp"
#include "report/ranking.hpp"
#include "report/remarks.hpp"
#include "report/sentences.hpp"
#include "report/serving.hpp"
#include "report/side_by_side.hpp"
#include "report/sink.hpp"
#include "report/text_width.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gpubench::report {
namespace {

constexpr std::size_t label_width = 15;

// "Rent        aws g6.12xlarge ...", wrapped with a hanging indent.
void say(std::ostream& out, const style& look, const std::string& label, const std::string& text, bool strong = false) {
  if (text.empty()) return;
  const std::size_t width = look.width > 0 ? static_cast<std::size_t>(look.width) : 1000;
  const auto lines = wrap(printable(text), std::max<std::size_t>(width, label_width + 20) - label_width);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string head = pad(i == 0 ? label : "", label_width, false);
    out << (i == 0 ? paint(look, emphasis::faint, head) : head)
        << (strong ? paint(look, emphasis::strong, lines[i]) : lines[i]) << '\n';
  }
}

std::string workload_line(const planner::recommendation& answer) {
  const auto& work = answer.workload;
  return fmt::format("{} ({}): {} {}s, {}", work.title.empty() ? work.name : work.title, work.name,
                     amount(work.total_units), work.unit, models::to_string(work.precision));
}

// Whether the line "CPU" would only repeat a row of the table.
bool cpu_is_shown(const planner::recommendation& answer, const std::vector<std::size_t>& places) {
  return std::any_of(places.begin(), places.end(), [&](std::size_t i) { return answer.ranked[i].devices == 0; });
}

void say_faintly(std::ostream& out, const style& look, const std::string& text) {
  out << "  " << paint(look, emphasis::faint, text) << '\n';
}

void write_recommendation(const planner::recommendation& answer, const style& look, std::ostream& out) {
  const auto said = sentences_of(answer);
  say(out, look, "Workload", workload_line(answer));
  say(out, look, "Rent", said.rent, true);
  say(out, look, "Because", said.because);
  say(out, look, "Cost", said.cost);
  say(out, look, "Spot", said.spot);
  for (const auto& change : said.otherwise)
    say(out, look, &change == &said.otherwise.front() ? "It would be" : "", change);
  const auto [places, more, of_what] = places_to_show(answer, look);
  if (!answer.ranked.empty()) {
    out << '\n';
    auto table_look = look;
    if (look.wide) table_look.width = 0;
    write_text(ranking_grid(answer, places), table_look, out, 2);
    if (more > 0) say_faintly(out, look, fmt::format("… {} more, {}", more, of_what));
  }
  out << '\n';
  if (!cpu_is_shown(answer, places)) say(out, look, "CPU", said.cpu);
  say(out, look, "Next best", said.next_best);
  say(out, look, "Not separable", said.not_separable);
  say(out, look, "Measure", said.measure);
  for (const auto& rule : said.rules) say(out, look, &rule == &said.rules.front() ? "Rule of thumb" : "", rule);
  say(out, look, "Rejected", said.rejected);
  if (look.show_rejected && !answer.rejected.empty()) {
    auto table_look = look;
    if (look.wide) table_look.width = 0;
    write_text(rejected_grid(answer.rejected, 0), table_look, out, 2);
    out << '\n';
  }
  say(out, look, "Prices", said.prices);
  for (const auto& note : said.notes) say(out, look, "Note", note);
}

void write_service(const planner::serving_answer& answer, const style& look, std::ostream& out) {
  const auto said = sentences_of(answer);
  say(out, look, "Service", said.service);
  say(out, look, "Rent", said.rent, true);
  say(out, look, "Because", said.because);
  if (!answer.ranked.empty()) {
    out << '\n';
    auto table_look = look;
    if (look.wide) table_look.width = 0;
    const auto places = service_places(answer, look);
    write_text(service_grid(answer, places), table_look, out, 2);
    if (places.size() < answer.ranked.size())
      say_faintly(out, look, fmt::format("{} offers in all, each region counted", answer.ranked.size()));
  }
  out << '\n';
  say(out, look, "At least", said.at_least);
  say(out, look, "Rejected", said.rejected);
  if (look.show_rejected && !answer.rejected.empty()) {
    write_text(rejected_grid(answer.rejected, 0), look, out, 2);
    out << '\n';
  }
  for (const auto& note : said.notes) say(out, look, "Note", note);
}

// Beside a recommendation one line for each reason is enough; a failed case is worth its row.
bool all_unmeasured_skipped(const results::run& run) {
  return std::none_of(run.measurements.begin(), run.measurements.end(),
                      [](const auto& m) { return m.status == results::measurement_status::failed; });
}

void say_skipped(const results::run& run, const style& look, std::ostream& out) {
  std::map<std::string, std::size_t> counts;
  for (const auto& m : run.measurements)
    if (m.status == results::measurement_status::skipped) ++counts[m.reason];
  std::string label = "Skipped";
  for (const auto& [reason, count] : counts) {
    say(out, look, label, fmt::format("{}: {}", count, reason));
    label.clear();
  }
}

void say_list(std::ostream& out, const style& look, const std::string& label, const std::vector<std::string>& all) {
  constexpr std::size_t most = 8;
  const auto shown = look.wide ? all.size() : std::min(all.size(), most);
  for (std::size_t i = 0; i < shown; ++i) say(out, look, i == 0 ? label : "", all[i]);
  if (shown < all.size()) say(out, look, "", fmt::format("and {} more: gpubench report --wide", all.size() - shown));
}

// Whether a table as wide as the terminal goes without the column, as write_text() leaves out those of higher number
// first.
bool is_left_out(const std::string& header, const grid& cells, const style& look, std::size_t indent) {
  const auto column = std::find_if(cells.columns.begin(), cells.columns.end(),
                                   [&](const grid::column& one) { return one.header == header; });
  if (look.width <= 0 || column == cells.columns.end() || column->keep == 0) return false;
  grid kept;
  kept.rows.resize(cells.rows.size());
  for (std::size_t c = 0; c < cells.columns.size(); ++c) {
    if (cells.columns[c].keep > column->keep) continue;
    kept.columns.push_back(cells.columns[c]);
    for (std::size_t r = 0; r < cells.rows.size(); ++r) kept.rows[r].push_back(cells.rows[r][c]);
  }
  return full_width(kept) + indent > static_cast<std::size_t>(look.width);
}

void write_run(const document& content, const style& look, std::ostream& out) {
  const auto& run = *content.run();
  const bool condensed = !look.wide && !content.recommendations.empty();
  say(out, look, "Machine", machine_line(run.environment));
  say(out, look, "Imported", origin_of(run));
  say(out, look, "Measured",
      fmt::format("suite {}, {}: {}{}", run.suite, run.started_at, measured_summary(run),
                  run.finished_at ? "" : "; the run was cut short"));
  auto table_look = look;
  if (look.wide) table_look.width = 0;
  const auto measured = measured_grid(run, condensed);
  if (!measured.rows.empty()) {
    out << '\n';
    write_text(measured, table_look, out, 2);
  }
  const auto unmeasured = unmeasured_grid(run);
  if (condensed && !unmeasured.rows.empty() && all_unmeasured_skipped(run)) {
    out << '\n';
    say_skipped(run, look, out);
  } else if (!unmeasured.rows.empty()) {
    out << '\n';
    write_text(unmeasured, table_look, out, 2);
  }
  if (condensed) return;
  if (is_left_out("flags", measured, table_look, 2)) {
    const auto flags = flag_sentences(run);
    if (!flags.empty()) out << '\n';
    say_list(out, look, "Flags", flags);
  }
  const auto further = further_figures(run);
  if (!further.empty()) out << '\n';
  for (const auto& figure : further) say(out, look, "Also", figure);
  bool first = true;
  for (const auto& peak : peaks_of(run)) {
    if (first) out << '\n';
    first = false;
    say(out, look, "Peak",
        fmt::format("{}{} {}: {}", device_prefix(run, peak.device), peak.kind, format_si(peak.value, peak.unit()),
                    peak.source));
  }
}

void write_part(std::ostream& out, const style& look, const grid& cells) {
  if (cells.rows.empty()) return;
  auto table_look = look;
  if (look.wide) table_look.width = 0;
  out << '\n';
  write_text(cells, table_look, out, 2);
}

void write_costs(const document& content, const std::vector<side_row>& rows, const style& look, std::ostream& out) {
  const auto costs = cost_rows(content, rows);
  if (!costs.empty()) {
    write_part(out, look, cost_grid(content, costs, !look.wide));
    out << '\n';
    say(out, look, "Note", cost_note);
  }
  const auto unpriced = unpriced_sentence(content);
  if (!unpriced.empty()) say(out, look, "Price", unpriced);
}

void write_side_by_side(const document& content, const style& look, std::ostream& out) {
  const auto rows = side_rows(content);
  say(out, look, "Compared", side_summary(rows), true);
  write_part(out, look, runs_grid(content));
  write_part(out, look, side_grid(content, rows, !look.wide));
  out << '\n';
  say(out, look, "Note", best_note);
  say_list(out, look, "Remarks", remark_sentences(rows));
  write_costs(content, rows, look, out);
}

void write_nodes(const document& content, const style& look, std::ostream& out) {
  if (!content.nodes) return;
  const auto& found = *content.nodes;
  out << '\n';
  for (const auto& sentence : node_sentences(found)) say(out, look, "Nodes", sentence);
  if (!found.slow.empty()) write_part(out, look, slow_parts_grid(found));
  write_part(out, look, node_standings_grid(found));
}

void write_plan(const planned_workload& planned, const style& look, std::ostream& out) {
  const auto said = sentences_of(planned);
  const auto& work = planned.workload;
  const auto& plan = planned.plan;
  say(out, look, "Workload",
      fmt::format("{} ({}), {}", work.title.empty() ? work.name : work.title, work.name,
                  models::to_string(work.precision)));
  say(out, look, "Demand", said.demand);
  say(out, look, "Rent", said.rent, true);
  say(out, look, "Because", said.because);
  for (const auto& end : said.breaks) say(out, look, &end == &said.breaks.front() ? "Breaks" : "", end);
  write_part(out, look, plan_grid(planned, look.max_rows));
  if (look.max_rows > 0 && plan.ranked.size() > look.max_rows)
    say_faintly(out, look, fmt::format("… {} more", plan.ranked.size() - look.max_rows));
  if (said.feasible) {
    out << '\n';
    say(out, look, "Scaling", "the first of these beside what nobody can beat");
    write_part(out, look, policy_grid(plan.ranked.front()));
    if (look.wide) write_part(out, look, month_grid(planned, plan.ranked.front()));
    write_part(out, look, sensitivity_grid(planned));
  }
  out << '\n';
  say(out, look, "Refused", said.refused);
  if (look.show_rejected) write_part(out, look, refused_grid(planned, 0));
  for (const auto& note : planned.notes) say(out, look, "Note", note);
}

void write(const document& content, const style& look, std::ostream& out) {
  for (const auto& answer : content.recommendations) {
    if (&answer != &content.recommendations.front()) out << '\n';
    write_recommendation(answer, look, out);
  }
  for (const auto& answer : content.services) {
    if (&answer != &content.services.front() || !content.recommendations.empty()) out << '\n';
    write_service(*answer, look, out);
  }
  for (const auto& planned : content.plans) {
    if (!content.recommendations.empty() || !content.services.empty() || &planned != &content.plans.front())
      out << '\n';
    write_plan(planned, look, out);
  }
  if (!content.runs.empty() &&
      (!content.recommendations.empty() || !content.services.empty() || !content.plans.empty()))
    out << '\n';
  if (content.run()) {
    write_run(content, look, out);
    write_costs(content, side_rows(content), look, out);
  } else if (!content.runs.empty()) {
    write_side_by_side(content, look, out);
    write_nodes(content, look, out);
  }
  if (content.runs.empty() && content.recommendations.empty() && content.services.empty() && content.plans.empty())
    out << "nothing to report\n";
}

const sink_registration registered{{"table", "text for a terminal: the answer, its reasons and the ranking", write}};

}  // namespace
}  // namespace gpubench::report
