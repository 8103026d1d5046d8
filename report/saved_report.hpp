#pragma once

#include "report/document.hpp"
#include "results/json_field.hpp"

#include <deque>
#include <filesystem>
#include <string>

namespace gpubench::report {

/// A report read back from its JSON form (gpubench.report/1), with everything that its document points to. May be
/// moved.
struct saved_report {
  std::deque<profiles::instance> instances;
  std::deque<profiles::price> prices;
  std::deque<results::run> runs;
  document content;
};

/// Recommendations and runs, so that every output form can be made of them again: the JSON form of `content` is the
/// one that was read. The JSON form of plans over time and of services leaves out what other forms show of them (their
/// simulations); a report that has any is refused.
/// @throws error: io; input at line and column.
saved_report load_report(const std::filesystem::path& path);

/// One element of "recommendations"; what it points to goes into `owner`.   @throws error: input, naming the field.
planner::recommendation recommendation_from_json(const results::json_field& field, saved_report& owner);

}  // namespace gpubench::report
