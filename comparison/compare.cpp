#include "comparison/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "comparison/judgement.hpp"
#include "comparison/sides.hpp"

namespace gpubench::comparison {
namespace {

std::string how_often_failed(const measurements& all, std::size_t failed) {
  const auto& reason = (*std::find_if(all.begin(), all.end(), has_failed))->reason;
  return failed == all.size() ? "failed: " + reason
                              : fmt::format("failed in {} of {} runs: {}", failed, all.size(), reason);
}

/// Fills what is known before any test.   @return whether the row is to be tested.
bool describe(comparison_row& row, const pair_of_sides& sides, const std::vector<difference>& machine,
              const criteria& by) {
  row.base = facts_of(sides.base, sides.all_base);
  row.fresh = facts_of(sides.fresh, sides.all_fresh);
  row.work = (sides.base.empty() ? sides.fresh : sides.base).empty()
                 ? results::work_done{}
                 : (sides.base.empty() ? sides.fresh : sides.base).front()->work;
  if (const auto wrong = std::find_if(sides.all_fresh.begin(), sides.all_fresh.end(), is_wrong);
      wrong != sides.all_fresh.end()) {
    row.outcome = verdict::wrong_result;
    row.because = (*wrong)->reason;
    return false;
  }
  // What was measured before and now breaks off is no gap in the suite, nor made up for by runs in which it works.
  if (row.fresh.failed > 0 && !sides.base.empty()) {
    row.outcome = verdict::wrong_result;
    row.broke_off = true;
    row.because = how_often_failed(sides.all_fresh, row.fresh.failed);
    return false;
  }
  // Which of them counts nothing tells, and both would pass for two runs.
  if (!sides.repeated_in.empty()) {
    row.outcome = verdict::not_comparable;
    row.because = fmt::format("run {} has it more than once", sides.repeated_in);
    return false;
  }
  if ((sides.fresh.empty() && holds_summary(sides.all_fresh)) ||
      (sides.base.empty() && holds_summary(sides.all_base))) {
    row.outcome = verdict::not_comparable;
    row.because = "an imported summary without samples says nothing about noise";
    return false;
  }
  if (sides.fresh.empty()) {
    row.outcome = verdict::missing;
    row.because = row.fresh.reason;
    return false;
  }
  if (sides.base.empty()) {
    row.outcome = verdict::added;
    row.because = row.base.reason;
    return false;
  }
  row.differences = method_differences(sides.base, sides.fresh);
  auto all = machine;
  all.insert(all.end(), row.differences.begin(), row.differences.end());
  if (forbids(all, by.allowed)) {
    row.outcome = verdict::not_comparable;
    row.because = "differing: " + keys_in(all, by.allowed);
    return false;
  }
  if (!are_identical(sides)) return true;
  row.outcome = verdict::same;
  row.change = 0;
  row.change_interval = interval{0, 0};
  row.because = "the same measurements on both sides";
  return false;
}

std::vector<std::size_t> severity_order(const std::vector<comparison_row>& rows) {
  std::vector<std::size_t> order;
  for (const auto wanted : {verdict::wrong_result, verdict::slower, verdict::missing, verdict::not_comparable,
                            verdict::ambiguous, verdict::faster, verdict::added, verdict::same})
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].outcome == wanted) order.push_back(i);
  return order;
}

}  // namespace

std::map<verdict, std::size_t> comparison_result::counts() const {
  std::map<verdict, std::size_t> counted;
  for (const auto& row : rows) ++counted[row.outcome];
  return counted;
}

bool could_be_slower(const comparison_row& row, double threshold) {
  return row.outcome == verdict::slower ||
         (row.outcome == verdict::ambiguous && row.change_interval && row.change_interval->high > threshold);
}

bool is_unjudged_slow_down(const comparison_row& row, double threshold) {
  constexpr double times_the_threshold = 5;
  return row.outcome == verdict::ambiguous && row.change && *row.change >= times_the_threshold * threshold;
}

comparison_result compare(const side& base, const side& fresh, const criteria& by) {
  require_distinct_runs(base);
  require_distinct_runs(fresh);
  require_apart(base, fresh);
  comparison_result result;
  result.base = base.name;
  result.fresh = fresh.name;
  result.base_runs = base.runs.size();
  result.fresh_runs = fresh.runs.size();
  result.by = by;

  std::vector<comparison_row> rows;
  std::vector<candidate> candidates;
  std::map<std::string, std::vector<difference>> by_device;
  std::set<std::string> noise_checked;
  for (const auto& [key, sides] : match(base, fresh)) {
    if (sides.base.empty() && sides.fresh.empty() && !holds_summary(sides.all_base) &&
        !holds_summary(sides.all_fresh) && std::none_of(sides.all_fresh.begin(), sides.all_fresh.end(), is_wrong)) {
      ++result.unmeasured;
      continue;
    }
    if (by_device.count(key.device) == 0) {
      by_device[key.device] = machine_differences(base.runs, fresh.runs, key.device);
      add_missing(result.differences, by_device[key.device]);
    }
    comparison_row row;
    row.key = key;
    if (describe(row, sides, by_device[key.device], by)) {
      if (by.noise && noise_checked.insert(key.device).second)
        require_noise_of(fresh, key.device, *by.noise, by.allowed);
      const auto* profiled = by.noise && by.noise->benchmarks.count(key) ? &by.noise->benchmarks.at(key) : nullptr;
      candidates.push_back(candidate_of(rows.size(), sides, profiled));
    }
    rows.push_back(std::move(row));
  }

  judge_all(candidates, rows, by);
  for (const auto place : severity_order(rows)) result.rows.push_back(std::move(rows[place]));
  return result;
}

}  // namespace gpubench::comparison
