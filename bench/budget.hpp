#pragma once

#include "bench/runner.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::bench {

/// Time that a case needs at least: making ready, warm-up and the shortest sampling.
/// @param overhead  making ready, checking and freeing
seconds least_time(const planned_case& planned, seconds overhead);

/// "cut to fit the budget of 60 s"; the reason of every case that a budget cuts, in planning or later.
std::string cut_reason(seconds budget);

/// Shares a budget out over the cases of a plan while they run. What earlier cases left over or overdrew is spread over
/// those still to come, in proportion to what each needs at least.
class budget_sharing {
 public:
  budget_sharing(const std::vector<planned_case>& plan, const machine& where, std::optional<seconds> budget);

  /// Time that the case may take, making ready included; nothing when there is no budget.
  std::optional<seconds> share(std::size_t index, seconds elapsed) const;

  /// Time left of the budget; nothing when there is none.
  std::optional<seconds> remaining(seconds elapsed) const;

  /// Expected time for making ready, settling, checking and freeing a case: what its benchmark says, else what the
  /// benchmark's case before took, else a guess.
  seconds expected_overhead(std::size_t index) const;

  /// Notes what a case took besides sampling.
  void learn(std::size_t index, seconds overhead);

  /// Estimate of the time from the start of case `index` to the end, for a progress display.
  seconds estimate_remaining(std::size_t index, seconds elapsed) const;

 private:
  const std::vector<planned_case>& plan_;
  std::optional<seconds> budget_;
  std::vector<std::optional<seconds>> stated_overhead_;
  std::map<std::string, seconds> learned_;
};

}  // namespace gpubench::bench
