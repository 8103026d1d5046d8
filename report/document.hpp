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

/// What a report says: a run, recommendations, plans, or several of these. Finished and immutable; a sink computes
/// nothing from it.
struct document {
  const results::run* run = nullptr;
  std::string run_file;  ///< path of the run, for the reader
  std::vector<planner::recommendation> recommendations;
  std::vector<planned_workload> plans;
  std::vector<std::shared_ptr<const planner::serving_answer>> services;  ///< plans of services; none is nullptr
  std::string command;                                                   ///< how to reproduce it
  std::string made_at;                                                   ///< UTC
};

struct style {
  bool colour = false;
  int width = 100;            ///< columns of the terminal
  std::size_t max_rows = 10;  ///< of a ranking
  bool show_rejected = false;
  bool wide = false;
};

}  // namespace gpubench::report
