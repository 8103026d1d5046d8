#pragma once

#include "core/json.hpp"
#include "report/table.hpp"

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "tuning/launcher_settings.hpp"
#include "tuning/search.hpp"

namespace gpubench::cli {

/// What `gpubench tune` was asked for.
struct tune_options {
  bool is_nccl = true;
  std::string collective = "all_reduce";
  std::string type = "fp32";
  std::optional<double> min_bytes, max_bytes;
  int factor = 16;
  std::chrono::duration<double> budget{600}, case_time{1}, launch_limit{300};
  double threshold = 0.02;
  std::vector<std::string> only;  ///< dimensions
  std::vector<std::string> launcher;

  const char* library() const { return is_nccl ? "NCCL" : "Open MPI"; }
};

/// What was tried, a row each.
report::table tried_table(const tuning::search_result& found);

/// As tuning/schema/gpubench.tuning-1.json describes it.
json tuning_document(const tune_options& options, const tuning::search_result& found);

/// For people: what to set or to keep, with what it gains; then what was tried.
void write_tuning(const tune_options& options, const tuning::search_result& found, const report::style& look,
                  std::ostream& out);

}  // namespace gpubench::cli
