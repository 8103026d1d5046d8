#include "report/capacity.hpp"
#include "report/measured.hpp"
#include "report/nodes.hpp"
#include "report/ranking.hpp"
#include "report/remarks.hpp"
#include "report/sentences.hpp"
#include "report/serving.hpp"
#include "report/side_by_side.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::report {
namespace {

void write_recommendation(const planner::recommendation& answer, const style& look, std::ostream& out) {
  const auto said = sentences_of(answer);
  const auto& work = answer.workload;
  out << "## " << markdown_escape(work.title.empty() ? work.name : work.title) << "\n\n";
  out << "**Rent** " << markdown_escape(said.rent) << '\n';
  if (!said.because.empty()) out << "\n**Because** " << markdown_escape(said.because) << '\n';
  if (!said.otherwise.empty()) {
    out << "\n**It would be**\n\n";
    for (const auto& change : said.otherwise) out << "- " << markdown_escape(change) << '\n';
  }
  if (!answer.ranked.empty()) {
    out << '\n';
    const auto [places, more, of_what] = places_to_show(answer, look);
    write_markdown(ranking_grid(answer, places), out);
    if (more > 0) out << fmt::format("\n{} more offers, {}, are not shown.\n", more, of_what);
  }
  const auto item = [&out](const char* label, const std::string& text) {
    if (!text.empty()) out << "- **" << label << "** " << markdown_escape(text) << '\n';
  };
  out << '\n';
  item("CPU", said.cpu);
  item("Cost", said.cost);
  item("Spot", said.spot);
  item("Next best", said.next_best);
  item("Not separable", said.not_separable);
  item("Measure", said.measure);
  for (const auto& rule : said.rules) item("Rule of thumb", rule);
  item("Rejected", said.rejected);
  item("Prices", said.prices);
  for (const auto& note : said.notes) item("Note", note);
  if (look.show_rejected && !answer.rejected.empty()) {
    out << "\n<details><summary>Rejected offers</summary>\n\n";
    write_markdown(rejected_grid(answer.rejected, 0), out);
    out << "\n</details>\n";
  }
}

void write_plan(const planned_workload& planned, const style& look, std::ostream& out) {
  const auto said = sentences_of(planned);
  const auto& work = planned.workload;
  const auto part = [&out](const char* title, const grid& cells) {
    if (cells.rows.empty()) return;
    out << "\n### " << title << "\n\n";
    write_markdown(cells, out);
  };
  out << "## Capacity over time: " << markdown_escape(work.title.empty() ? work.name : work.title) << "\n\n";
  out << "**Demand** " << markdown_escape(said.demand) << "\n\n";
  out << "**Rent** " << markdown_escape(said.rent) << '\n';
  if (!said.because.empty()) out << "\n**Because** " << markdown_escape(said.because) << '\n';
  if (!said.breaks.empty()) {
    out << "\n**Breaks**\n\n";
    for (const auto& end : said.breaks) out << "- " << markdown_escape(end) << '\n';
  }
  part("Plans", plan_grid(planned, look.max_rows));
  if (said.feasible) {
    part("Scaling", policy_grid(planned.plan.ranked.front()));
    part("Months", month_grid(planned, planned.plan.ranked.front()));
    part("What would change it", sensitivity_grid(planned));
  }
  part("Refused", refused_grid(planned, look.show_rejected ? 0 : look.max_rows));
  if (!planned.notes.empty()) out << '\n';
  for (const auto& note : planned.notes) out << "- **Note** " << markdown_escape(note) << '\n';
}

void write_service(const planner::serving_answer& answer, const style& look, std::ostream& out) {
  const auto said = sentences_of(answer);
  const auto& work = answer.workload;
  out << "## " << markdown_escape(work.title.empty() ? work.name : work.title) << "\n\n";
  out << "**Service** " << markdown_escape(said.service) << "\n\n**Rent** " << markdown_escape(said.rent) << '\n';
  if (!said.because.empty()) out << "\n**Because** " << markdown_escape(said.because) << '\n';
  if (!answer.ranked.empty()) {
    out << '\n';
    write_markdown(service_grid(answer, service_places(answer, look)), out);
  }
  out << '\n';
  const auto item = [&out](const char* label, const std::string& text) {
    if (!text.empty()) out << "- **" << label << "** " << markdown_escape(text) << '\n';
  };
  item("At least", said.at_least);
  item("Rejected", said.rejected);
  for (const auto& note : said.notes) item("Note", note);
}

void write_run(const results::run& run, std::ostream& out) {
  out << (run.provenance ? "## Imported\n\n" : "## Measured here\n\n");
  if (run.provenance) out << "Figures " << markdown_escape(origin_of(run)) << ".\n\n";
  out << markdown_escape(machine_line(run.environment)) << ". Suite " << markdown_escape(run.suite) << ", "
      << markdown_escape(run.started_at) << ": " << measured_summary(run)
      << (run.finished_at ? "" : "; the run was cut short") << ".\n";
  const auto measured = measured_grid(run, false);
  if (!measured.rows.empty()) {
    out << '\n';
    write_markdown(measured, out);
  }
  const auto further = further_figures(run);
  if (!further.empty()) out << '\n';
  for (const auto& figure : further) out << "- " << markdown_escape(figure) << '\n';
  const auto unmeasured = unmeasured_grid(run);
  if (!unmeasured.rows.empty()) {
    out << '\n';
    write_markdown(unmeasured, out);
  }
  const auto methods = method_grid(run);
  if (!methods.rows.empty()) {
    out << "\n<details><summary>How each figure came about</summary>\n\n";
    write_markdown(methods, out);
    out << "\n</details>\n";
  }
}

void write_costs(const document& content, const std::vector<side_row>& rows, std::ostream& out) {
  const auto costs = cost_rows(content, rows);
  const auto unpriced = unpriced_sentence(content);
  if (costs.empty() && unpriced.empty()) return;
  out << "\n### Cost of a unit of work\n\n";
  if (!costs.empty()) {
    out << cost_note << "\n\n";
    write_markdown(cost_grid(content, costs), out);
  }
  if (!unpriced.empty()) out << (costs.empty() ? "" : "\n") << markdown_escape(unpriced) << "\n";
}

void write_side_by_side(const document& content, std::ostream& out) {
  const auto rows = side_rows(content);
  out << "## Side by side\n\n" << markdown_escape(side_summary(rows)) << "\n\n";
  write_markdown(runs_grid(content), out);
  out << "\n### Measurements\n\n" << best_note << "\n\n";
  write_markdown(side_grid(content, rows), out);
  const auto remarks = remark_sentences(rows);
  if (!remarks.empty()) out << '\n';
  for (const auto& remark : remarks) out << "- " << markdown_escape(remark) << '\n';
  write_costs(content, rows, out);
}

void write_nodes(const document& content, std::ostream& out) {
  if (!content.nodes) return;
  const auto& found = *content.nodes;
  out << "\n## Nodes among their peers\n\n";
  for (const auto& sentence : node_sentences(found)) out << "- " << markdown_escape(sentence) << '\n';
  out << '\n';
  if (!found.slow.empty()) {
    write_markdown(slow_parts_grid(found), out);
    out << '\n';
  }
  write_markdown(node_standings_grid(found), out);
}

// A code span that the text's own backquotes cannot close: fenced by one more than its longest row of them.
std::string code_span(const std::string& text) {
  std::size_t longest = 0, current = 0;
  for (const char c : text) longest = std::max(longest, c == '`' ? ++current : current = 0);
  const std::string fence(longest + 1, '`');
  std::string line = text;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return longest == 0 ? fence + line + fence : fence + " " + line + " " + fence;
}

void write(const document& content, const style& look, std::ostream& out) {
  for (const auto& answer : content.recommendations) {
    write_recommendation(answer, look, out);
    out << '\n';
  }
  for (const auto& answer : content.services) {
    write_service(*answer, look, out);
    out << '\n';
  }
  for (const auto& planned : content.plans) {
    write_plan(planned, look, out);
    out << '\n';
  }
  if (content.run()) {
    write_run(*content.run(), out);
    write_costs(content, side_rows(content), out);
    out << '\n';
  } else if (!content.runs.empty()) {
    write_side_by_side(content, out);
    write_nodes(content, out);
    out << '\n';
  }
  if (content.runs.empty() && content.recommendations.empty() && content.services.empty() && content.plans.empty())
    out << "Nothing to report.\n\n";
  if (!content.command.empty()) out << "Made " << content.made_at << " by " << code_span(content.command) << '\n';
}

const sink_registration registered{{.name = "markdown",
                                    .description = "for a pull request or a wiki",
                                    .write = write,
                                    .short_name = "md",
                                    .ending = ".md"}};

}  // namespace
}  // namespace gpubench::report
