#include "report/side_by_side.hpp"

#include "core/text.hpp"
#include "results/device_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace gpubench::report {
namespace {

using results::measurement;
using results::measurement_status;

// What kind of device was measured: "gpu" for "gpu3", "8 gpus" for "gpu0-7". The work of eight is not that of one. Of a
// collective its ranks, which are a parameter, say how many they were.
std::string kind_of(const measurement& m) {
  const auto kind = m.device.substr(0, m.device.find_first_of("0123456789"));
  const bool has_ranks =
      std::any_of(m.params.begin(), m.params.end(), [](const auto& one) { return one.first == "ranks"; });
  const auto count = has_ranks ? std::nullopt : results::count_of_gpus(m.device);
  return count.value_or(1) > 1 ? fmt::format("{} gpus", *count) : kind;
}

constexpr const char* unknown_kind = "unknown";

// What of its device tells the rows of a benchmark apart: the whole name where some run has it on several devices of a
// kind, the kind where it was measured on several kinds, else nothing.
class telling_devices {
 public:
  explicit telling_devices(const document& content) {
    for (const auto& shown : content.runs) {
      std::map<std::pair<std::string, std::string>, std::string> first;
      std::map<std::string, std::set<std::string>> kinds_here;
      for (const auto& m : shown.run->measurements) {
        const auto name = results::full_name(m), kind = kind_of(m);
        kinds_[name];
        kinds_here[name].insert(kind);
        const auto [known, added] = first.emplace(std::pair(name, kind), m.device);
        if (!added && known->second != m.device) several_.insert(name);
      }
      // A device that its source does not name may be the other runs': it makes a row of its own beside one that the
      // same run names.
      for (const auto& [name, kinds] : kinds_here)
        for (const auto& kind : kinds)
          if (kind != unknown_kind || kinds.size() > 1) kinds_[name].insert(kind);
    }
  }

  std::string of(const std::string& name, const measurement& m) const {
    if (several_.count(name) > 0) return m.device;
    return kinds_.at(name).size() > 1 ? kind_of(m) : std::string();
  }

 private:
  std::set<std::string> several_;
  std::map<std::string, std::set<std::string>> kinds_;
};

side_cell cell_of(const measurement& m) {
  side_cell cell;
  cell.reason = m.reason;
  cell.device = m.device;
  if (m.status == measurement_status::skipped)
    cell.is = side_cell::state::skipped;
  else if (m.verification && !m.verification->passed())
    cell.is = side_cell::state::wrong;
  else if (m.status == measurement_status::failed)
    cell.is = side_cell::state::failed;
  else if (auto figure = base_figure_of(m)) {
    cell.is = side_cell::state::measured;
    cell.figure = std::move(figure);
  }
  return cell;
}

bool better(const side_row& row, double a, double b) {
  return row.is == base_figure::kind::time ? a < b : a > b;
}

// Whether the interval of one figure reaches the value of the other's.
bool overlap(const base_figure& a, const base_figure& b) {
  return a.low && a.high && b.low && b.high && *a.low <= *b.high && *b.low <= *a.high;
}

void mark_best(side_row& row) {
  if (row.measured() < 2 || row.is == base_figure::kind::other) return;
  const base_figure* best = nullptr;
  for (const auto& cell : row.cells)
    if (cell.figure && (!best || better(row, cell.figure->value, best->value))) best = &*cell.figure;
  for (auto& cell : row.cells)
    cell.best = cell.figure && (cell.figure->value == best->value || overlap(*cell.figure, *best));
}

// Finds the row of a measurement, or begins it.
class collector {
 public:
  explicit collector(const document& content) : content_(content), devices_(content) {}

  void add(std::size_t run, const measurement& m, side_cell cell) {
    auto& row = row_for(m, cell);
    // A name that stands twice in one run: the first counts, as in every table of that run it comes first.
    auto& place = row.cells[run];
    if (place.is != side_cell::state::absent) return;
    place = std::move(cell);
    if (m.device == unknown_kind && row.device.empty())
      remark(row.remarks, content_.runs[run].label, ": which device was measured is not known");
    for (const auto& warning : m.warnings) remark(row.remarks, content_.runs[run].label, ": " + warning);
  }

  std::vector<side_row> finish() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      mark_best(rows_[i]);
      rows_[i].telling_parameters = telling(i);
    }
    return std::move(rows_);
  }

 private:
  // "a, b: best of 3": what is said of several runs is said once.
  static void remark(std::vector<std::string>& remarks, const std::string& label, const std::string& what) {
    for (auto& said : remarks)
      if (said.size() > what.size() && said.compare(said.size() - what.size(), what.size(), what) == 0) {
        said.insert(said.size() - what.size(), ", " + label);
        return;
      }
    remarks.push_back(label + what);
  }

  side_row& row_for(const measurement& m, const side_cell& cell) {
    const std::string name = results::full_name(m);
    const std::string device = devices_.of(name, m);
    auto& rows_of_name = places_[{name, device}];
    // What has no figure belongs to the first row of its name, whatever that counts.
    for (const auto place : rows_of_name)
      if (!cell.figure || (rows_[place].metric == cell.figure->metric && rows_[place].unit == cell.figure->unit))
        return rows_[place];
    rows_of_name.push_back(rows_.size());
    auto& row = rows_.emplace_back();
    row.benchmark = m.benchmark;
    auto& seen = seen_[m.benchmark];
    ++seen.rows;
    const auto& parts = parts_.emplace_back(parts_of(m));
    for (const auto& text : parts) ++seen.rows_with[text];
    row.parameters = join(parts, " ");
    row.device = device;
    if (cell.figure) {
      row.is = cell.figure->is;
      row.metric = cell.figure->metric;
      row.unit = cell.figure->unit;
    }
    row.cells.resize(content_.runs.size());
    return row;
  }

  static std::vector<std::string> parts_of(const measurement& m) {
    std::vector<std::string> all;
    for (const auto& one : m.params) all.push_back(results::to_string(results::parameters{one}));
    if (m.phase != results::measurement_phase::normal) all.push_back(fmt::format("phase={}", to_string(m.phase)));
    return all;
  }

  std::string telling(std::size_t place) const {
    const auto& seen = seen_.at(rows_[place].benchmark);
    if (seen.rows < 2) return rows_[place].parameters;
    std::vector<std::string> kept;
    for (const auto& text : parts_[place])
      if (seen.rows_with.at(text) < seen.rows) kept.push_back(text);
    return join(kept, " ");
  }

  struct benchmark_rows {
    std::size_t rows = 0;
    std::map<std::string, std::size_t> rows_with;  // by "name=value"
  };

  const document& content_;
  telling_devices devices_;
  std::vector<std::vector<std::string>> parts_;  // "name=value" of each row
  std::map<std::string, benchmark_rows> seen_;
  std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> places_;  // by name and device
  std::vector<side_row> rows_;
};

}  // namespace

std::size_t side_row::measured() const {
  return static_cast<std::size_t>(
      std::count_if(cells.begin(), cells.end(), [](const side_cell& cell) { return cell.figure.has_value(); }));
}

std::vector<side_row> side_rows(const document& content) {
  collector rows(content);
  // First what has a figure and so a metric: what was skipped or failed then joins such a row.
  for (const bool with_figure : {true, false})
    for (std::size_t r = 0; r < content.runs.size(); ++r)
      for (const auto& m : content.runs[r].run->measurements) {
        auto cell = cell_of(m);
        if (cell.figure.has_value() == with_figure && cell.is != side_cell::state::absent)
          rows.add(r, m, std::move(cell));
      }
  return rows.finish();
}

figure_scale scale_of(const side_row& row) {
  double largest = 0;
  for (const auto& cell : row.cells)
    if (cell.figure) largest = std::max(largest, cell.figure->value);
  return scale_for(row.is, row.unit, largest);
}

}  // namespace gpubench::report
