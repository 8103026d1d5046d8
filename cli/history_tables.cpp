#include "cli/history_tables.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <tuple>
#include <utility>

namespace gpubench::cli {
namespace {

using value = report::table::value;

bool matches(const std::regex& pattern, const std::string& text) {
  return std::regex_search(text, pattern);
}

std::size_t metric_index(const std::string& name) {
  const auto found = std::find(results::metric_names.begin(), results::metric_names.end(), name);
  return static_cast<std::size_t>(found - results::metric_names.begin());
}

double percent(double from, double to) {
  return (to / from - 1) * 100;
}

// Higher is slower for a time, faster for a rate.
std::string verdict(const history_series& of, double from, double to) {
  if (from == to) return "same";
  return (to > from) == (of.metric == "time_ns") ? "slower" : "faster";
}

}  // namespace

std::vector<history_series> series_of(const results::history& all, const history_filter& filter) {
  std::vector<const results::history_file*> runs;
  for (const auto& file : all.files)
    if (file.is == results::history_file::kind::run) runs.push_back(&file);
  std::stable_sort(runs.begin(), runs.end(),
                   [](const auto* a, const auto* b) { return a->summary.started_at < b->summary.started_at; });

  const auto flags = std::regex::ECMAScript | std::regex::icase;
  std::vector<std::regex> benchmarks;
  for (const auto& pattern : filter.benchmarks) benchmarks.emplace_back(pattern, flags);
  const std::regex device(filter.device, flags), machine(filter.machine, flags);
  const auto metric = metric_index(filter.metric);
  std::map<std::string, bool> wanted;  // a regular expression is slow, and names are few
  const auto is_wanted = [&](const std::string& name) {
    const auto [place, fresh] = wanted.emplace(name, benchmarks.empty());
    if (fresh)
      for (const auto& pattern : benchmarks) place->second = place->second || matches(pattern, name);
    return place->second;
  };

  std::map<std::tuple<std::string, std::string, std::string>, history_series> series;
  for (const auto* run : runs) {
    if (!matches(machine, run->summary.machine)) continue;
    for (const auto& one : run->summary.measurements) {
      const auto& measured = one.values.at(metric);
      if (!measured || !is_wanted(one.name)) continue;
      auto& place = series[{one.name, one.device, run->summary.machine}];
      if (place.values.empty()) {
        if (!matches(device, one.device)) {
          series.erase({one.name, one.device, run->summary.machine});
          continue;
        }
        place.machine = run->summary.machine;
        place.device = one.device;
        place.benchmark = one.name;
        place.metric = filter.metric;
      }
      place.files.push_back(run);
      place.values.push_back(*measured);
    }
  }
  std::vector<history_series> found;
  for (auto& [key, one] : series) {
    if (filter.last && one.values.size() > static_cast<std::size_t>(*filter.last)) {
      const auto dropped = static_cast<std::ptrdiff_t>(one.values.size()) - *filter.last;
      one.values.erase(one.values.begin(), one.values.begin() + dropped);
      one.files.erase(one.files.begin(), one.files.begin() + dropped);
    }
    change_point_options options;
    options.significance = filter.significance;
    one.levels = find_levels(one.values, filter.smallest_fraction, options);
    found.push_back(std::move(one));
  }
  return found;
}

report::table series_table(const std::vector<history_series>& all) {
  report::table rows({{"benchmark", "benchmark"},
                      {"device", "device", 4, 1},
                      {"machine", "machine", 4, 7},
                      {"metric", "metric", 4, 4},
                      {"runs", "runs", 9},
                      {"first_started_at", "first run", 4, 6},
                      {"last_started_at", "last run", 4, 5},
                      {"first_median", "first level"},
                      {"last_median", "last level"},
                      {"total_change_percent", "change %", 3},
                      {"changes", "changes", 9},
                      {"last_change_at", "last change", 4, 2},
                      {"last_change_percent", "by %", 3, 2},
                      {"last_change", "it is", 4, 2},
                      {"last_change_file", "since", 4, 3}});
  for (const auto& one : all) {
    const auto& first = one.levels.front();
    const auto& last = one.levels.back();
    const bool changed = one.levels.size() > 1;
    const double before = changed ? one.levels[one.levels.size() - 2].median : 0;
    const auto* since = one.files[last.begin];
    rows.add_row(
        {one.benchmark, one.device, one.machine, one.metric, static_cast<double>(one.values.size()),
         one.files.front()->summary.started_at, one.files.back()->summary.started_at, first.median, last.median,
         percent(first.median, last.median), static_cast<double>(one.levels.size() - 1),
         changed ? value(since->summary.started_at) : value(), changed ? value(percent(before, last.median)) : value(),
         changed ? value(verdict(one, before, last.median)) : value(), changed ? value(since->path) : value()});
  }
  return rows;
}

report::table step_table(const std::vector<history_series>& all) {
  report::table rows({{"benchmark", "benchmark"},
                      {"device", "device", 4, 1},
                      {"machine", "machine", 4, 6},
                      {"metric", "metric", 4, 4},
                      {"started_at", "first run after"},
                      {"file", "file", 4, 2},
                      {"before_median", "before"},
                      {"after_median", "after"},
                      {"change_percent", "change %", 3},
                      {"verdict", "it is"},
                      {"p_value", "p", 2, 3},
                      {"runs_before", "runs before", 9, 5},
                      {"runs_after", "runs after", 9, 5}});
  for (const auto& one : all)
    for (std::size_t i = 1; i < one.levels.size(); ++i) {
      const auto& before = one.levels[i - 1];
      const auto& after = one.levels[i];
      rows.add_row({one.benchmark, one.device, one.machine, one.metric, one.files[after.begin]->summary.started_at,
                    one.files[after.begin]->path, before.median, after.median, percent(before.median, after.median),
                    verdict(one, before.median, after.median), after.p_value ? value(*after.p_value) : value(),
                    static_cast<double>(before.end - before.begin), static_cast<double>(after.end - after.begin)});
    }
  return rows;
}

report::table point_table(const std::vector<history_series>& all) {
  report::table rows({{"benchmark", "benchmark"},
                      {"device", "device", 4, 1},
                      {"machine", "machine", 4, 4},
                      {"metric", "metric", 4, 3},
                      {"started_at", "started at"},
                      {"file", "file", 4, 2},
                      {"value", "value", 6},
                      {"level", "level", 9},
                      {"level_median", "level's median"}});
  for (const auto& one : all)
    for (std::size_t i = 0; i < one.levels.size(); ++i)
      for (auto at = one.levels[i].begin; at < one.levels[i].end; ++at)
        rows.add_row({one.benchmark, one.device, one.machine, one.metric, one.files[at]->summary.started_at,
                      one.files[at]->path, one.values[at], static_cast<double>(i + 1), one.levels[i].median});
  return rows;
}

}  // namespace gpubench::cli
