#include "core/text.hpp"
#include "core/version.hpp"
#include "report/capacity.hpp"
#include "report/measured.hpp"
#include "report/quantity.hpp"
#include "report/records.hpp"
#include "report/sentences.hpp"
#include "report/serving.hpp"
#include "report/side_by_side.hpp"
#include "report/sink.hpp"
#include "report/workbook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gpubench::report {
namespace {

using value = table::value;

void add_if_any(workbook& book, const sheet& content) {
  if (!content.rows.empty()) book.add(content);
}

// The records of one kind, with the columns that any of them has.
sheet records_sheet(const std::string& name, const std::vector<record>& records) {
  sheet made;
  made.name = name;
  std::vector<std::string> used;
  for (const auto& key : record_keys())
    if (key != "record" &&
        std::any_of(records.begin(), records.end(), [&](const record& one) { return one.count(key) > 0; }))
      used.push_back(key);
  for (const auto& key : used) {
    const auto what = quantity_of(key);
    made.columns.push_back({what.header, what.number_format});
  }
  for (const auto& one : records) {
    auto& row = made.rows.emplace_back();
    for (const auto& key : used) {
      const auto found = one.find(key);
      row.push_back(found == one.end() ? value() : found->second);
    }
  }
  return made;
}

sheet answers_sheet(const document& content) {
  sheet made{"Answer", {{"workload", ""}, {"what", ""}, {"answer", ""}}, {}, {}};
  const auto add = [&](const std::string& workload, const char* what, const std::string& text) {
    if (!text.empty()) made.rows.push_back({workload, std::string(what), text});
  };
  for (const auto& answer : content.recommendations) {
    const auto said = sentences_of(answer);
    const auto& name = answer.workload.name;
    add(name, "rent", said.rent);
    add(name, "because", said.because);
    for (const auto& change : said.otherwise) add(name, "it would be", change);
    add(name, "next best", said.next_best);
    add(name, "not separable", said.not_separable);
    add(name, "rejected", said.rejected);
    for (const auto& note : said.notes) add(name, "note", note);
  }
  for (const auto& answer : content.services) {
    const auto said = sentences_of(*answer);
    add(answer->workload.name, "rent", said.rent);
    add(answer->workload.name, "because", said.because);
    for (const auto& note : said.notes) add(answer->workload.name, "note", note);
  }
  for (const auto& planned : content.plans) {
    const auto said = sentences_of(planned);
    add(planned.workload.name, "rent", said.rent);
    add(planned.workload.name, "because", said.because);
    for (const auto& note : planned.notes) add(planned.workload.name, "note", note);
  }
  if (content.runs.size() > 1) {
    add("", "compared", side_summary(side_rows(content)));
    add("", "note", best_note);
    add("", "note", "In this workbook the columns \"best, ...\" and \"cheapest\" say what a star marks elsewhere.");
  }
  return made;
}

sheet rejected_sheet(const document& content) {
  sheet made{"Rejected", {{"workload", ""}, {"offer", ""}, {"reason", ""}, {"detail", ""}}, {}, {}};
  const auto add = [&](const std::string& workload, const std::vector<planner::rejection>& rejected) {
    for (const auto& r : rejected)
      made.rows.push_back({workload, rejected_offer_name(r), reason_name(r.reason), r.detail});
  };
  for (const auto& answer : content.recommendations) add(answer.workload.name, answer.rejected);
  for (const auto& answer : content.services) add(answer->workload.name, answer->rejected);
  return made;
}

// A star in words: a cell that is a number has no place for one.
std::string best_of(const document& content, const side_row& row) {
  std::vector<std::string> labels;
  for (std::size_t r = 0; r < row.cells.size(); ++r)
    if (row.cells[r].best) labels.push_back(content.runs[r].label);
  return join(labels, ", ");
}

sheet side_sheet(const document& content, const std::vector<side_row>& rows) {
  sheet made;
  made.name = "Side by side";
  for (const char* header :
       {"benchmark", "device", "parameters", "unit of the figures", "best, and what cannot be told from it"})
    made.columns.push_back({header, ""});
  const std::string format = "##0.000E+0";
  for (const auto& shown : content.runs)
    for (const auto& header : {shown.label, shown.label + ", low end of the 95 % interval", shown.label + ", high end"})
      made.columns.push_back({header, format});
  made.columns.push_back({"remarks", ""});
  for (const auto& row : rows) {
    auto& line = made.rows.emplace_back();
    line = {row.benchmark, row.device, row.parameters, row.unit, best_of(content, row)};
    for (const auto& cell : row.cells) {
      if (cell.best) made.strong.insert({made.rows.size() - 1, line.size()});
      if (!cell.figure) {
        // In words, so that nobody takes an empty cell for a zero.
        line.insert(line.end(),
                    {cell_text(cell, 1) + (cell.reason.empty() ? "" : ": " + cell.reason), value(), value()});
        continue;
      }
      const auto optional = [](const std::optional<double>& end) { return end ? value(*end) : value(); };
      line.insert(line.end(), {cell.figure->value, optional(cell.figure->low), optional(cell.figure->high)});
    }
    line.emplace_back(join(row.remarks, "; "));
  }
  return made;
}

sheet cost_sheet(const document& content, const std::vector<side_row>& rows) {
  sheet made;
  made.name = "Cost of work";
  for (const char* header : {"benchmark", "device", "parameters", "unit", "cheapest"})
    made.columns.push_back({header, ""});
  for (const auto& shown : content.runs)
    made.columns.push_back({shown.label.empty() ? std::string("USD") : shown.label + ", USD", "#,##0.0000"});
  for (const auto& cost : cost_rows(content, rows)) {
    std::vector<std::string> cheapest;
    for (const auto r : cost.cheapest) cheapest.push_back(content.runs[r].label);
    auto& line = made.rows.emplace_back();
    line = {cost.of->benchmark, cost.of->device, cost.of->parameters, cost.unit, join(cheapest, ", ")};
    for (std::size_t r = 0; r < cost.usd.size(); ++r) {
      if (cost.cheapest.contains(r)) made.strong.insert({made.rows.size() - 1, line.size()});
      if (cost.usd[r])
        line.emplace_back(*cost.usd[r]);
      else
        line.emplace_back(why_no_cost(content, *cost.of, r));
    }
  }
  return made;
}

sheet provenance_sheet(const document& content) {
  sheet made{"Provenance",
             {{"what", ""},
              {"name", ""},
              {"measured or listed by", ""},
              {"date", ""},
              {"file or source", ""},
              {"size, bytes", "#,##0"},
              {"SHA-256", ""}},
             {},
             {}};
  made.rows.push_back({std::string("report"), content.command, fmt::format("gpubench {}", version), content.made_at,
                       value(), value(), value()});
  for (const auto& shown : content.runs) {
    const auto& run = *shown.run;
    made.rows.push_back({std::string("run"), shown.label.empty() ? run.id : shown.label, tool_of(run), run.started_at,
                         shown.file, value(), shown.sha256});
    made.rows.push_back({std::string("machine of the run"), machine_line(run.environment), value(), run.started_at,
                         value(), value(), value()});
    if (run.provenance)
      for (const auto& source : run.provenance->sources)
        made.rows.push_back({std::string("imported file"), source.file,
                             source.tool + (source.tool_version ? " " + *source.tool_version : std::string()),
                             source.measured_at.value_or("not stated"), source.format,
                             static_cast<double>(source.bytes), source.sha256 ? value(*source.sha256) : value()});
    if (shown.usd_per_hour || !shown.price_source.empty())
      made.rows.push_back({std::string("price of the run's machine"),
                           shown.usd_per_hour ? fmt::format("{} USD an hour", *shown.usd_per_hour) : "unknown", value(),
                           value(), shown.price_source, value(), value()});
    for (const auto& peak : peaks_of(run))
      made.rows.push_back({std::string("peak"),
                           fmt::format("{} {}: {:g} {}", peak.device, peak.kind, peak.value, peak.unit()), value(),
                           value(), peak.source, value(), value()});
  }
  std::set<const profiles::price*> seen;
  const auto add_workload = [&](const profiles::workload& work) {
    if (!work.origin.source.empty())
      made.rows.push_back(
          {std::string("workload"), work.name, value(), work.origin.date, work.origin.source, value(), value()});
  };
  const auto add_price = [&](const planner::candidate& c) {
    if (!c.price || !c.instance || !seen.insert(c.price).second) return;
    made.rows.push_back({std::string("price"),
                         fmt::format("{} {}, {}: {} {} an hour", c.instance->name(), price_model_name(*c.price),
                                     c.price->region, c.price->amount_per_hour, c.price->currency),
                         c.instance->provider, c.price->origin.date, c.price->origin.source, value(), value()});
  };
  for (const auto& answer : content.recommendations) {
    add_workload(answer.workload);
    for (const auto& c : answer.ranked) add_price(c);
  }
  for (const auto& answer : content.services) {
    add_workload(answer->workload);
    for (const auto& c : answer->ranked) add_price(as_candidate(c));
  }
  return made;
}

void write(const document& content, const style&, std::ostream& out) {
  workbook book("gpubench report", content.made_at);
  const auto rows = side_rows(content);
  add_if_any(book, answers_sheet(content));
  if (content.runs.size() > 1) add_if_any(book, side_sheet(content, rows));
  add_if_any(book, cost_sheet(content, rows));
  add_if_any(book, records_sheet("Ranking", ranking_records(content)));
  add_if_any(book, records_sheet("Plans", plan_records(content)));
  add_if_any(book, records_sheet("Services", service_records(content)));
  add_if_any(book, records_sheet("Measurements", measurement_records(content)));
  add_if_any(book, rejected_sheet(content));
  book.add(provenance_sheet(content));
  out << book.finish();
}

const sink_registration registered{{.name = "xlsx",
                                    .description = "a workbook with a sheet for each table and one of provenance",
                                    .write = write,
                                    .binary = true,
                                    .ending = ".xlsx"}};

}  // namespace
}  // namespace gpubench::report
