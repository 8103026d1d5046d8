#include "bench/budget.hpp"
#include "bench/filter.hpp"
#include "bench/runner.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace gpubench::bench {

namespace {

/// The cases of one benchmark, most important first.
using case_list = std::vector<planned_case>;

sampling_policy policy_of(suite s) {
  sampling_policy policy;
  switch (s) {
    case suite::quick:
      policy.time_limit = seconds(6);
      break;
    case suite::standard:
    case suite::apps:
      policy.min_samples = 20;
      policy.min_time = seconds(0.3);
      policy.time_limit = seconds(15);
      break;
    case suite::full:
      policy.min_samples = 30;
      policy.min_time = seconds(0.5);
      policy.time_limit = seconds(60);
      break;
  }
  return policy;
}

planned_case make_case(const benchmark_definition& definition, results::parameters params,
                       const sampling_policy& policy, const machine& where) {
  planned_case planned;
  planned.definition = &definition;
  planned.params = std::move(params);
  planned.policy = policy;
  if (definition.unavailable) planned.skip_reason = definition.unavailable(planned.params, where);
  return planned;
}

/// Long enough for power and clock to come down; temperature needs minutes that nobody would wait.
constexpr seconds rest_before_burst{5};

/// A burst is over before the driver's power regulation, which averages over tenths of a second, takes hold.
sampling_policy burst_policy() {
  sampling_policy policy;
  policy.warmup_time = seconds(0);
  policy.min_samples = 3;
  policy.min_time = seconds(0);
  policy.time_limit = seconds(0.2);
  return policy;
}

/// After a soak nothing is left to warm up.
sampling_policy soak_policy(suite s) {
  sampling_policy policy = policy_of(s);
  policy.warmup_time = seconds(0);
  return policy;
}

bool has_a_peak_under_load(const benchmark_definition& definition) {
  using peak_kind = benchmark_definition::peak_kind;
  return definition.peak == peak_kind::dense || definition.peak == peak_kind::memory_bandwidth;
}

/// Lists of one: the most important case of each benchmark for which power and heat can matter, in each phase asked
/// for.
std::vector<case_list> phase_cases(const std::vector<benchmark_definition>& benchmarks, const machine& where,
                                   const run_request& request, const name_filter& filter) {
  std::vector<case_list> chosen;
  for (const auto phase : request.phases) {
    const bool burst = phase == results::measurement_phase::burst;
    for (const auto& definition : benchmarks) {
      if (!has_a_peak_under_load(definition)) continue;
      for (auto& params : cases_of(definition, request.suite, where)) {
        if (!filter.takes(results::full_name(definition.name, params, phase))) continue;
        auto planned =
            make_case(definition, std::move(params), burst ? burst_policy() : soak_policy(request.suite), where);
        planned.phase = phase;
        planned.settling = burst ? rest_before_burst : request.soak_time;
        chosen.push_back({std::move(planned)});
        break;
      }
    }
  }
  return chosen;
}

/// What the cases of other phases than the normal one need.
seconds needed_by_phases(const std::vector<planned_case>& plan, const machine& where) {
  const budget_sharing sharing(plan, where, std::nullopt);
  seconds needed{0};
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (plan[i].phase == results::measurement_phase::normal || plan[i].skip_reason) continue;
    needed += sharing.expected_overhead(i) + plan[i].policy.time_limit;
  }
  return needed;
}

std::vector<case_list> chosen_cases(const std::vector<benchmark_definition>& benchmarks, const machine& where, suite s,
                                    const name_filter& filter) {
  std::vector<case_list> chosen;
  for (const auto& definition : benchmarks) {
    case_list cases;
    for (auto& params : cases_of(definition, s, where)) {
      if (!filter.takes(results::full_name(definition.name, params))) continue;
      cases.push_back(make_case(definition, std::move(params), policy_of(s), where));
    }
    if (!cases.empty()) chosen.push_back(std::move(cases));
  }
  return chosen;
}

[[noreturn]] void refuse_filter(const std::vector<benchmark_definition>& benchmarks, const machine& where,
                                const run_request& request) {
  for (const suite s : all_suites) {
    if (s != request.suite && !chosen_cases(benchmarks, where, s, name_filter(request.filter)).empty()) {
      throw error(error_kind::usage,
                  fmt::format("no benchmark of suite {} matches '{}'", to_string(request.suite), request.filter),
                  fmt::format("suite {} has some: add --suite {}", to_string(s), to_string(s)));
    }
  }
  std::vector<std::string> names;
  names.reserve(benchmarks.size());
  for (const auto& definition : benchmarks) names.push_back(definition.name);
  std::string hint = suggestion(request.filter, names);
  if (hint.empty()) hint = "see the names with: gpubench list benchmarks";
  throw error(error_kind::usage, fmt::format("no benchmark matches '{}'", request.filter), hint);
}

/// Moves the benchmarks of one memory group behind the first of them, so that what they keep serves all.
void bring_groups_together(std::vector<case_list>& lists) {
  std::vector<std::string> groups;  // in order of first appearance; a benchmark without one is its own
  const auto group_of = [](const case_list& list) {
    const auto& definition = *list.front().definition;
    return definition.memory_group.empty() ? "of " + definition.name : definition.memory_group;
  };
  for (const auto& list : lists) {
    const auto group = group_of(list);
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
  }
  const auto place = [&](const case_list& list) { return std::find(groups.begin(), groups.end(), group_of(list)); };
  std::stable_sort(lists.begin(), lists.end(),
                   [&](const case_list& left, const case_list& right) { return place(left) < place(right); });
}

/// What cutting works on: how much time the cases that still run need, by benchmark.
class cutter {
 public:
  cutter(std::vector<case_list>& lists, const machine& where, seconds budget)
      : lists_(lists), budget_(budget), reason_(cut_reason(budget)) {
    for (const auto& list : lists) {
      const budget_sharing sharing(list, where, budget);
      std::vector<seconds> needs;
      for (std::size_t i = 0; i < list.size(); ++i) {
        needs.push_back(list[i].skip_reason ? seconds(0) : least_time(list[i], sharing.expected_overhead(i)));
        total_ += needs.back();
      }
      needs_.push_back(std::move(needs));
    }
  }

  void cut() {
    require_enough_for_one();
    while (total_ > budget_) {
      const auto counts = running_counts();
      const auto most = std::max_element(counts.begin(), counts.end());
      if (*most > 1) {
        cut_last_of(static_cast<std::size_t>(most - counts.begin()));
      } else {
        cut_last_of(costliest());
      }
    }
  }

 private:
  std::vector<std::size_t> running_counts() const {
    std::vector<std::size_t> counts;
    for (const auto& list : lists_) {
      counts.push_back(static_cast<std::size_t>(
          std::count_if(list.begin(), list.end(), [](const planned_case& c) { return !c.skip_reason; })));
    }
    return counts;
  }

  /// With one case left of each benchmark, dropping the dearest keeps most benchmarks.
  std::size_t costliest() const {
    std::size_t found = 0;
    seconds most{0};
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      for (std::size_t k = 0; k < lists_[i].size(); ++k) {
        if (!lists_[i][k].skip_reason && needs_[i][k] > most) {
          most = needs_[i][k];
          found = i;
        }
      }
    }
    return found;
  }

  void cut_last_of(std::size_t benchmark) {
    auto& list = lists_[benchmark];
    for (std::size_t k = list.size(); k-- > 0;) {
      if (list[k].skip_reason) continue;
      list[k].skip_reason = reason_;
      total_ -= needs_[benchmark][k];
      return;
    }
  }

  void require_enough_for_one() const {
    seconds least = seconds::max();
    seconds one_of_each{0};
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      for (std::size_t k = 0; k < lists_[i].size(); ++k) {
        if (lists_[i][k].skip_reason) continue;
        least = std::min(least, needs_[i][k]);
      }
      const auto first =
          std::find_if(lists_[i].begin(), lists_[i].end(), [](const planned_case& c) { return !c.skip_reason; });
      if (first != lists_[i].end()) one_of_each += needs_[i][static_cast<std::size_t>(first - lists_[i].begin())];
    }
    if (least == seconds::max() || least <= budget_) return;
    throw error(error_kind::usage,
                fmt::format("a budget of {} is too small for a single case", format_duration(budget_.count())),
                fmt::format("{} is enough for the shortest case, {} for one case of each benchmark, {} for all",
                            format_duration(least.count()), format_duration(one_of_each.count()),
                            format_duration(total_.count())));
  }

  std::vector<case_list>& lists_;
  seconds budget_;
  std::string reason_;
  std::vector<std::vector<seconds>> needs_;
  seconds total_{0};
};

}  // namespace

std::string full_name(const planned_case& planned) {
  return results::full_name(planned.definition->name, planned.params, planned.phase);
}

std::optional<seconds> effective_budget(const run_request& request, const std::vector<planned_case>& plan,
                                        const machine& where) {
  if (request.budget) return request.budget;
  const auto of_suite = default_budget(request.suite);
  if (!of_suite) return std::nullopt;
  return *of_suite + needed_by_phases(plan, where);
}

std::vector<planned_case> plan_run(const std::vector<benchmark_definition>& benchmarks, const machine& where,
                                   const run_request& request) {
  const name_filter filter(request.filter);
  auto lists = chosen_cases(benchmarks, where, request.suite, filter);
  auto phases = phase_cases(benchmarks, where, request, filter);
  if (lists.empty() && phases.empty()) refuse_filter(benchmarks, where, request);
  std::vector<planned_case> of_phases;
  of_phases.reserve(phases.size());
  for (const auto& list : phases) of_phases.push_back(list.front());
  const auto budget = effective_budget(request, of_phases, where);
  std::move(phases.begin(), phases.end(), std::back_inserter(lists));
  if (budget) cutter(lists, where, *budget).cut();

  bring_groups_together(lists);
  // Rank by rank, so that a run that ends early has measured the most important cases of every benchmark.
  std::vector<planned_case> plan;
  std::size_t longest = 0;
  for (const auto& list : lists) longest = std::max(longest, list.size());
  for (std::size_t rank = 0; rank < longest; ++rank) {
    for (auto& list : lists) {
      if (rank < list.size()) plan.push_back(std::move(list[rank]));
    }
  }
  // What loads a device for long comes last.
  std::stable_sort(plan.begin(), plan.end(),
                   [](const planned_case& left, const planned_case& right) { return left.phase < right.phase; });
  return plan;
}

std::string list_names(const std::vector<planned_case>& plan) {
  std::string names;
  for (const auto& planned : plan) {
    if (!planned.skip_reason) names += full_name(planned) + '\n';
  }
  return names;
}

}  // namespace gpubench::bench
