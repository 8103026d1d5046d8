#pragma once

#include "core/change_points.hpp"
#include "report/table.hpp"
#include "results/history.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::cli {

/// Which series of a history, and what counts as a change in them. Patterns ignore case; empty: all.
struct history_filter {
  std::vector<std::string> benchmarks;
  std::string device, machine;
  std::string metric = "time_ns";
  std::optional<int> last;
  double smallest_fraction = 0.01;
  double significance = 0.01;
};

/// One metric of one benchmark with its parameters, on one device of one machine, by start of the run.
struct history_series {
  std::string machine, device, benchmark, metric;
  std::vector<const results::history_file*> files;
  std::vector<double> values;
  std::vector<level> levels;
};

/// Points into `all`. Sorted by benchmark, device and machine.
std::vector<history_series> series_of(const results::history& all, const history_filter& filter);

report::table series_table(const std::vector<history_series>& all);  ///< a series a row, with its last change
report::table step_table(const std::vector<history_series>& all);    ///< a change a row
report::table point_table(const std::vector<history_series>& all);   ///< a run a row

}  // namespace gpubench::cli
