#include "tuning/search.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gpubench::tuning {
namespace {

using case_times = std::map<comparison::benchmark_key, std::vector<double>>;  // log medians, one a launch

/// What ends the search early.
struct stop {
  search_end why;
};

/// What is wrong with a launch whose process ended well.
std::string defect_of(const results::run& run) {
  for (const auto& m : run.measurements)
    if (m.status == results::measurement_status::failed) return results::full_name(m) + ": " + m.reason;
  const bool any = std::any_of(run.measurements.begin(), run.measurements.end(), [](const results::measurement& m) {
    return m.status == results::measurement_status::ok && m.time_ns && m.time_ns->median > 0;
  });
  return any ? "" : "it measured nothing";
}

/// Why a candidate is not kept; empty where it is.
std::string objection_to(const comparison::comparison_result& confirmed) {
  using comparison::verdict;
  const auto names_of = [&](const auto& is_one) {
    std::vector<std::string> names;
    for (const auto& row : confirmed.rows)
      if (is_one(row)) names.push_back(row.key.name);
    return join(names, ", ");
  };
  const auto broken = names_of([](const auto& row) {
    return row.outcome == verdict::wrong_result || row.outcome == verdict::missing ||
           row.outcome == verdict::not_comparable;
  });
  if (!broken.empty()) return "launched anew it is wrong, missing or not comparable: " + broken;
  const auto slower = names_of([](const auto& row) { return row.outcome == verdict::slower; });
  if (!slower.empty()) return "launched anew it is slower: " + slower;
  const auto faster = names_of([](const auto& row) { return row.outcome == verdict::faster; });
  if (faster.empty()) return "launched anew it is not, beyond doubt";
  const auto open = names_of([&](const auto& row) { return comparison::could_be_slower(row, confirmed.by.threshold); });
  if (!open.empty()) return "launched anew it may be slower: " + open;
  return "";
}

class searching {
 public:
  searching(measurer& launches, const search_options& options) : launches_(launches), options_(options) {}

  search_result run(const std::vector<dimension>& dimensions) {
    try {
      measure_own_choice();
      for (const auto& one : dimensions) try_all(one);
    } catch (const stop& end) {
      result_.end = end.why;
    }
    result_.candidate = best_;
    if (best_.empty()) return std::move(result_);
    if (result_.end == search_end::interrupted)
      result_.reason = "was not confirmed";
    else
      confirm();
    return std::move(result_);
  }

 private:
  /// Of the own choice: launches that hang or fail say nothing of those to come.
  double seconds_a_launch() const {
    double sum = 0;
    for (const double seconds : own_seconds_) sum += seconds;
    return own_seconds_.empty() ? 0 : sum / static_cast<double>(own_seconds_.size());
  }

  double limit_of(const setting& variables) const {
    if (variables.empty() || own_seconds_.empty()) return options_.launch_limit_seconds;
    constexpr double times = 3, least_more = 10;  // seconds, as the start of ranks takes once more, once less
    const double longest = *std::max_element(own_seconds_.begin(), own_seconds_.end());
    return std::min(options_.launch_limit_seconds, std::max(times * longest, longest + least_more));
  }

  trial launch(const setting& variables) {
    if (options_.interrupted()) throw stop{search_end::interrupted};
    auto one = launches_.measure(variables, limit_of(variables));
    ++result_.launches;
    result_.seconds += one.seconds;
    if (options_.interrupted()) throw stop{search_end::interrupted};
    if (one.run && one.problem.empty()) one.problem = defect_of(*one.run);
    return one;
  }

  /// For a launch beyond which there must be time to confirm what it finds.
  void require_time() const {
    const double reserve = 2 * static_cast<double>(options_.confirming_launches) * seconds_a_launch();
    if (result_.seconds + seconds_a_launch() + reserve > options_.budget_seconds) throw stop{search_end::out_of_budget};
  }

  static void take(const results::run& run, case_times& into) {
    for (const auto& m : run.measurements)
      if (m.status == results::measurement_status::ok && m.time_ns && m.time_ns->median > 0)
        into[comparison::key_of(m)].push_back(std::log(m.time_ns->median));
  }

  void measure_own_choice() {
    for (std::size_t i = 0; i < options_.first_launches; ++i) {
      const auto one = launch({});
      if (!one.problem.empty())
        throw error(error_kind::environment, "the library's own choice cannot be measured: " + one.problem,
                    "mend that first, or see whether the command runs without tuning: gpubench collective");
      take(*one.run, own_);
      own_seconds_.push_back(one.seconds);
      own_variables_ = one.run->environment.variables;
    }
  }

  /// Mean over cases of the change of log time. A case that is missing on either side counts for nothing.
  double change_of(const case_times& times) const {
    const auto mean = [](const std::vector<double>& values) {
      double sum = 0;
      for (const double value : values) sum += value;
      return sum / static_cast<double>(values.size());
    };
    double sum = 0;
    std::size_t cases = 0;
    for (const auto& [key, values] : times) {
      const auto own = own_.find(key);
      if (own == own_.end()) continue;
      sum += mean(values) - mean(own->second);
      ++cases;
    }
    return cases == 0 ? 0 : sum / static_cast<double>(cases);
  }

  void look_at(tried_choice& choice) {
    case_times times;
    for (std::size_t i = 0; i < options_.screening_launches; ++i) {
      require_time();
      const auto one = launch(choice.variables);
      ++choice.launches;
      if (!one.problem.empty()) {
        choice.problem = one.problem;
        choice.change.reset();
        break;
      }
      take(*one.run, times);
      choice.change = std::expm1(change_of(times));
      // What looks no faster than the best so far needs no second look.
      if (std::log1p(*choice.change) >= best_change_) break;
    }
  }

  void consider(const tried_choice& choice) {
    if (!choice.change) return;
    const double change = std::log1p(*choice.change);
    if (change >= best_change_ - options_.threshold / 2) return;
    best_change_ = change;
    best_ = choice.variables;
  }

  void try_all(const dimension& one) {
    const setting base = best_;
    setting ground = base;
    ground.insert(own_variables_.begin(), own_variables_.end());
    if (!one.has_effect_on_top_of(ground)) {
      result_.left_out.push_back(one.name);
      return;
    }
    for (const auto& choice : one.choices) {
      setting variables = choice;
      variables.insert(base.begin(), base.end());
      tried_choice tried{one.name, variables, std::nullopt, 0, ""};
      std::optional<stop> end;
      try {
        look_at(tried);
      } catch (const stop& why) {
        end = why;
      }
      // What the search ends in the middle of counts by the launches that it had.
      if (tried.launches > 0) {
        consider(tried);
        result_.tried.push_back(std::move(tried));
      }
      if (end) throw *end;
    }
  }

  void confirm() {
    comparison::side own{"own choice", {}}, fresh{to_string(best_), {}};
    try {
      for (std::size_t i = 0; i < options_.confirming_launches; ++i) {
        // In turn, and each first as often as the other: what drifts then favours neither.
        const bool own_first = i % 2 == 0;
        for (const bool is_own : {own_first, !own_first}) {
          const auto one = launch(is_own ? setting{} : best_);
          if (!one.problem.empty()) {
            result_.tried.push_back({"confirmation", is_own ? setting{} : best_, std::nullopt, i + 1, one.problem});
            result_.reason = "a launch to confirm it failed: " + one.problem;
            return;
          }
          (is_own ? own : fresh).runs.push_back(*one.run);
        }
        constexpr std::size_t fewest = 3;
        const bool over = result_.seconds + 2 * seconds_a_launch() > options_.budget_seconds;
        if (over && own.runs.size() >= fewest) break;
      }
    } catch (const stop& end) {
      result_.end = end.why;
      result_.reason = "was not confirmed";
      return;
    }
    comparison::criteria by;
    by.threshold = options_.threshold;
    by.false_discovery_rate = options_.false_discovery_rate;
    for (const auto& [name, value] : best_) by.allowed.insert(name);
    result_.confirmation = comparison::compare(own, fresh, by);
    result_.reason = objection_to(*result_.confirmation);
    result_.keeps = result_.reason.empty();
  }

  measurer& launches_;
  const search_options& options_;
  search_result result_;
  case_times own_;
  std::vector<double> own_seconds_;  ///< of its first launches
  setting own_variables_;            ///< which the launcher and the environment set
  setting best_;
  double best_change_ = 0;  ///< of log time
};

}  // namespace

std::string to_string(const setting& variables) {
  if (variables.empty()) return "own choice";
  std::vector<std::string> parts;
  for (const auto& [name, value] : variables) parts.push_back(name + "=" + value);
  return join(parts, " ");
}

bool dimension::has_effect_on_top_of(const setting& variables) const {
  return std::all_of(on_top_of.begin(), on_top_of.end(), [&](const auto& needed) {
    const auto found = variables.find(needed.first);
    return found != variables.end() && needed.second.count(found->second) > 0;
  });
}

search_result search(measurer& launches, const std::vector<dimension>& dimensions, const search_options& options) {
  return searching(launches, options).run(dimensions);
}

}  // namespace gpubench::tuning
