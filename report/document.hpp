#pragma once

#include "planner/recommend.hpp"
#include "results/run.hpp"

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "capacity/plan.hpp"
namespace gpubench::comparison {
struct node_comparison;  // few files look inside
}
namespace gpubench::planner {
struct serving_answer;  // few files look inside
}

namespace gpubench::report {

/// What to rent over time for one workload.
struct planned_workload {
  profiles::workload workload;
  std::string demand;              ///< where it comes from, in words
  double confidence = 0.95;        ///< with which an instance does the units_per_second that are planned on
  std::size_t considered = 0;      ///< offers that can do the work; the plan has the cheapest of them
  std::vector<std::string> notes;  ///< assumptions and warnings that the reader must know
  capacity::capacity_plan plan;
};

/// A run, and what a reader must know of it beyond what its file says.
struct shown_run {
  const results::run* run = nullptr;        ///< never nullptr in a document
  std::string file;                         ///< its path, for the reader
  std::string label = {};                   ///< where several stand side by side: unique among them
  std::string sha256 = {};                  ///< of the file; empty where it was not read from one
  std::optional<double> usd_per_hour = {};  ///< of the whole machine; absent where no price is known
  std::string price_source = {};            ///< "--price", or the row of the catalogue; else why there is no price
  std::optional<int> machine_gpus = {};     ///< that the machine has, by the catalogue: the run may list fewer
};

/// What a report says: runs, recommendations, plans, or several of these. Finished and immutable; a sink computes
/// nothing from it.
struct document {
  std::vector<shown_run> runs;  ///< several are laid side by side
  std::vector<planner::recommendation> recommendations;
  std::vector<planned_workload> plans;
  std::vector<std::shared_ptr<const planner::serving_answer>> services;  ///< plans of services; none is nullptr
  std::shared_ptr<const comparison::node_comparison> nodes;              ///< of runs that are peers; else nullptr
  std::string command;                                                   ///< how to reproduce it
  std::string made_at;                                                   ///< UTC

  /// The run of a report that has one; nullptr where it has none or several.
  const results::run* run() const { return runs.size() == 1 ? runs.front().run : nullptr; }
  std::string run_file() const { return runs.size() == 1 ? runs.front().file : std::string(); }
};

struct style {
  bool colour = false;
  int width = 100;            ///< columns of the terminal
  std::size_t max_rows = 10;  ///< of a ranking
  bool show_rejected = false;
  bool wide = false;
};

}  // namespace gpubench::report
