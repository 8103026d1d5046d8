#include "core/text.hpp"
#include "report/comparison_parts.hpp"
#include "report/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::report {
namespace {

using comparison::verdict;

std::string signed_percent(double change, int decimals) {
  const double percent = change * 100;
  const std::string digits = fixed(std::abs(percent), decimals);
  const bool zero = digits.find_first_of("123456789") == std::string::npos;
  return (zero ? "±" : percent < 0 ? "−" : "+") + digits;
}

int decimals_of(const std::optional<interval>& bounds) {
  return bounds ? std::clamp(supported_decimals(bounds->low * 100, bounds->high * 100), 0, 2) : 1;
}

}  // namespace

std::string change_text(double change, const std::optional<interval>& bounds) {
  return signed_percent(change, decimals_of(bounds)) + " %";
}

std::string rate_text(const results::work_done& work, const std::optional<double>& time_ns) {
  if (!time_ns) return unknown_mark;
  results::measurement m;
  m.work = work;
  m.samples_ns = {*time_ns};
  results::complete(m);
  const auto figure = figure_of(m);
  return figure ? with_interval(figure->value, figure->low, figure->high) + " " + figure->unit : unknown_mark;
}

std::string row_sentence(const comparison::comparison_row& row) {
  std::vector<std::string> parts;
  if (row.change) {
    std::string change = "time " + change_text(*row.change, row.change_interval);
    if (row.change_interval) {
      const int decimals = decimals_of(row.change_interval);
      change += fmt::format(" ({} … {})", signed_percent(row.change_interval->low, decimals),
                            signed_percent(row.change_interval->high, decimals));
    }
    parts.push_back(change + fmt::format(", {} → {}", rate_text(row.work, row.base.time_ns),
                                         rate_text(row.work, row.fresh.time_ns)));
  }
  if (row.noise_floor)
    parts.push_back(fmt::format("noise floor {} %", fixed(*row.noise_floor * 100, *row.noise_floor < 0.1 ? 1 : 0)));
  if (row.runs_to_decide)
    parts.push_back(*row.runs_to_decide < 1000
                        ? fmt::format("about {} on each side would decide", count_of(*row.runs_to_decide, "run"))
                        : std::string("too noisy for any reasonable number of runs to decide"));
  if (!row.because.empty()) parts.push_back(row.because);
  return join(parts, "; ");
}

std::string counts_sentence(const comparison::comparison_result& result) {
  const auto counts = result.counts();
  std::vector<std::string> parts;
  for (const auto outcome : comparison::all_verdicts) {
    const auto found = counts.find(outcome);
    const std::size_t number = found == counts.end() ? 0 : found->second;
    const bool always = outcome == verdict::slower || outcome == verdict::same || outcome == verdict::wrong_result;
    if (number > 0 || always) parts.push_back(fmt::format("{} {}", number, comparison::to_string(outcome)));
  }
  if (result.unmeasured > 0) parts.push_back(fmt::format("{} measured on neither side", result.unmeasured));
  return join(parts, ", ");
}

std::string criteria_sentence(const comparison::comparison_result& result) {
  std::set<comparison::noise_source> sources;
  for (const auto& row : result.rows)
    if (row.noise) sources.insert(*row.noise);
  std::vector<std::string> names;
  for (const auto source : sources) {
    names.push_back(source == comparison::noise_source::assumed
                        ? fmt::format("assumed to be {:.3g} %, as one run on each side says nothing about it",
                                      result.by.assumed_run_deviation * 100)
                        : "from " + std::string(comparison::to_string(source)));
  }
  return fmt::format("a change of time of at least {:.3g} % counts; false alarms at most {:.3g} % of comparisons{}",
                     result.by.threshold * 100, result.by.false_discovery_rate * 100,
                     names.empty() ? "" : "; noise between runs " + join(names, ", "));
}

grid comparison_grid(const comparison::comparison_result& result, bool all) {
  grid cells;
  cells.columns = {{"benchmark", false, 0},     {"verdict", false, 0}, {"time %", true, 0},
                   {"95 % interval", false, 1}, {"base", true, 2},     {"new", true, 2},
                   {"noise floor %", true, 3},  {"because", false, 1}};
  for (const auto& row : result.rows) {
    if (!all && row.outcome == verdict::same) continue;
    const int decimals = decimals_of(row.change_interval);
    std::string why = row.because;
    if (row.runs_to_decide && *row.runs_to_decide < 1000)
      why += fmt::format("{}{} a side would decide", why.empty() ? "" : "; ", count_of(*row.runs_to_decide, "run"));
    cells.rows.push_back(
        {comparison::to_string(row.key), std::string(comparison::to_string(row.outcome)),
         row.change ? signed_percent(*row.change, decimals) : unknown_mark,
         row.change_interval ? fmt::format("{} … {}", signed_percent(row.change_interval->low, decimals),
                                           signed_percent(row.change_interval->high, decimals))
                             : unknown_mark,
         rate_text(row.work, row.base.time_ns), rate_text(row.work, row.fresh.time_ns),
         row.noise_floor ? fixed(*row.noise_floor * 100, *row.noise_floor < 0.1 ? 1 : 0) : unknown_mark, why});
  }
  return cells;
}

std::string difference_text(const comparison::difference& d, const comparison::criteria& by) {
  const char* standing = !d.forbids ? "" : by.allowed.count(d.key) ? " (allowed)" : " (forbids the comparison)";
  return fmt::format("{}: {} → {}{}", d.key, d.base, d.fresh, standing);
}

}  // namespace gpubench::report
