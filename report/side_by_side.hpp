#pragma once

#include "report/figures.hpp"
#include "report/grid.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gpubench::report {

/// What one run says of one benchmark.
struct side_cell {
  enum class state { absent, skipped, failed, wrong, measured };
  state is = state::absent;
  std::string device;                 ///< that was measured
  std::optional<base_figure> figure;  ///< of a measured one
  std::string reason;                 ///< why skipped, failed or wrong
  bool best = false;  ///< of the row, or its interval reaches into that of the best: the order of the two is open
};

/// One benchmark at one set of parameters in one metric: a cell for each run of the document, in their order.
struct side_row {
  std::string benchmark, parameters;
  std::string
      telling_parameters;  ///< only those that differ between the rows of the benchmark, where there are several
  std::string device;      ///< empty unless it tells rows apart; "gpu0", or "gpu" beside "cpu" and "8 gpus"
  base_figure::kind is = base_figure::kind::time;
  std::string metric, unit;  ///< unit without prefix
  std::vector<side_cell> cells;
  std::vector<std::string> remarks;  ///< "a: best of 3 repetitions": warnings of its measurements

  std::size_t measured() const;  ///< number of runs that have a figure
};

/// Every benchmark of every run, in order of appearance. Rows are the same benchmark where name, parameters and phase
/// are, the kind of device (CPU, GPU) and the number of GPUs, and what is stated is the same metric. Which device of a
/// kind it was tells them apart only where one run has several: the first GPU of one machine is laid beside the first
/// of another, whatever their numbers are.
std::vector<side_row> side_rows(const document& content);

/// USD for an amount of the work that a row counts, at the price of each run's machine. Where some of its GPUs were
/// measured, or slices of them, they carry their share of the price.
struct cost_row {
  const side_row* of = nullptr;
  std::string unit;                        ///< "$ per EFLOP", "$ per PB", "$ per M images"
  std::vector<std::optional<double>> usd;  ///< by run; absent without a price or a figure
  std::set<std::size_t> cheapest;          ///< the runs of the lowest cost, where there are several costs to compare
};
/// Rows that count work (rates), of which at least one run has a price. `rows` must outlive the result.
std::vector<cost_row> cost_rows(const document& content, const std::vector<side_row>& rows);
/// In place of a cost that is not known: "no price", "device unknown", or why nothing was measured.
std::string why_no_cost(const document& content, const side_row& row, std::size_t run);

/// As people read them. A star stands before the best of a row.
/// @param telling  only the parameters that tell rows apart, for a screen
grid side_grid(const document& content, const std::vector<side_row>& rows, bool telling = false);
grid cost_grid(const document& content, const std::vector<cost_row>& rows, bool telling = false);
/// The runs: machine, tool, time, price, file.
grid runs_grid(const document& content);

/// "b, c: no cost: ...": of runs whose machine has no price, beside others; empty where all have one.
std::string unpriced_sentence(const document& content);

/// "not measured", "skipped", "wrong result", or the figure in that scale: "4,021 ±12".
std::string cell_text(const side_cell& cell, double factor);
/// The scale of a row: that of its largest figure.
figure_scale scale_of(const side_row& row);

/// "Of 24 benchmarks that at least two runs measured a is best in 14, b in 12; ..." ; a sentence even where none is.
std::string side_summary(const std::vector<side_row>& rows);

/// What must be said beside the tables.
inline constexpr const char* best_note =
    "★ best of its row, or not separable from the best: the 95 % intervals overlap. A figure without ± has no "
    "interval, "
    "and another tool's figure may be a mean or a best.";
inline constexpr const char* cost_note =
    "Price of the machine over the measured rate; where one of several GPUs was measured, its share of the price.";

/// "gpubench 0.1.0", or the tools that an imported run comes from.
std::string tool_of(const results::run& run);

}  // namespace gpubench::report
