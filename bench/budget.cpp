#include "bench/budget.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::bench {

namespace {

/// For a benchmark that says nothing and has not run yet.
constexpr seconds guessed_overhead{0.2};

std::string benchmark_key(const planned_case& planned) {
  const auto& definition = *planned.definition;
  return definition.name + '/' + definition.backend + '/' + definition.device;
}

std::optional<seconds> stated_overhead(const planned_case& planned, const machine& where) {
  if (!planned.definition->overhead || planned.skip_reason) return std::nullopt;
  return planned.definition->overhead(planned.params, where);
}

}  // namespace

std::string cut_reason(seconds budget) {
  return fmt::format("cut to fit the budget of {}", format_duration(budget.count()));
}

seconds least_time(const planned_case& planned, seconds overhead) {
  return overhead + planned.policy.warmup_time + planned.policy.min_time;
}

budget_sharing::budget_sharing(const std::vector<planned_case>& plan, const machine& where,
                               std::optional<seconds> budget)
    : plan_(plan), budget_(budget) {
  for (const auto& planned : plan) stated_overhead_.push_back(stated_overhead(planned, where));
}

seconds budget_sharing::expected_overhead(std::size_t index) const {
  const seconds settling = plan_[index].settling;
  if (stated_overhead_[index]) return settling + *stated_overhead_[index];
  const auto learned = learned_.find(benchmark_key(plan_[index]));
  return settling + (learned == learned_.end() ? guessed_overhead : learned->second);
}

void budget_sharing::learn(std::size_t index, seconds overhead) {
  learned_[benchmark_key(plan_[index])] = std::max(seconds(0), overhead - plan_[index].settling);
}

std::optional<seconds> budget_sharing::remaining(seconds elapsed) const {
  if (!budget_) return std::nullopt;
  return *budget_ - elapsed;
}

std::optional<seconds> budget_sharing::share(std::size_t index, seconds elapsed) const {
  if (!budget_) return std::nullopt;
  seconds needed{0};
  for (std::size_t i = index; i < plan_.size(); ++i) {
    if (!plan_[i].skip_reason) needed += least_time(plan_[i], expected_overhead(i));
  }
  const seconds own = least_time(plan_[index], expected_overhead(index));
  return (*budget_ - elapsed) * (own / needed);
}

seconds budget_sharing::estimate_remaining(std::size_t index, seconds elapsed) const {
  // Before anything ran, the least time of each case is all that is known; then the pace so far tells more.
  seconds least_so_far{0};
  seconds least_to_come{0};
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    if (plan_[i].skip_reason) continue;
    (i < index ? least_so_far : least_to_come) += least_time(plan_[i], expected_overhead(i));
  }
  const double pace = least_so_far.count() > 0 ? elapsed / least_so_far : 2.0;
  const seconds estimate = least_to_come * pace;
  const auto left = remaining(elapsed);
  return left ? std::max(seconds{0}, std::min(estimate, *left)) : estimate;
}

}  // namespace gpubench::bench
