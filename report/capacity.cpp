#include "report/capacity.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "report/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace gpubench::report {
namespace {

std::string place_of(const capacity::offer& from) {
  return from.region.empty() ? from.name() : from.name() + ", " + from.region;
}

/// A share of late work needs more digits than percent() has: 0.03 % and 0.9 % are far apart.
std::string late_percent(double fraction) {
  if (fraction == 0) return "0 %";
  return fraction < 1e-5 ? "<0.001 %" : format_number(fraction * 100, 2) + " %";
}

std::string rate_of(double units_per_second, const std::string& unit) {
  return fmt::format("{} {}s/s", amount(units_per_second), unit);
}

/// "5 committed (1yr CUD), 40 % of the other hours on spot".
std::string mix_phrase(const capacity::mix& paid) {
  std::vector<std::string> parts;
  if (paid.most_committed() > 0)
    parts.push_back(fmt::format("{} committed ({})", paid.most_committed(), paid.bought->term));
  const double others = paid.on_demand_hours + paid.spot_hours;
  if (others > 0) {
    const char* of_what = parts.empty() ? "" : "other ";
    if (paid.uncommitted.spot_share == 1) {
      parts.push_back(fmt::format("{}hours on spot", parts.empty() ? "all " : "the other "));
    } else if (paid.uncommitted.spot_share == 0) {
      parts.push_back(fmt::format("{}hours on demand", parts.empty() ? "all " : "the other "));
    } else {
      parts.push_back(fmt::format("{} of the {}hours on spot", percent(paid.uncommitted.spot_share), of_what));
    }
  }
  return join(parts, ", ");
}

std::string because_sentence(const planned_workload& planned) {
  const auto& plan = planned.plan;
  const auto& best = plan.ranked.front();
  const auto& result = best.best();
  const auto& wanted = plan.request.wanted;
  std::string text = fmt::format(
      "cheapest of {} plan{} that let at most {} of the {}s wait for more than {}; here {} do, {} of them at most at a "
      "time",
      plan.ranked.size(), plan.ranked.size() == 1 ? "" : "s", late_percent(wanted.max_late_fraction),
      planned.workload.unit, set_duration(wanted.wait_seconds), late_percent(result.service.late_fraction()),
      amount(result.service.peak_backlog_units));
  if (best.bound_usd)
    text += fmt::format("; no way of scaling that is never late costs less than {}", money(*best.bound_usd));
  return text;
}

std::string break_even_sentence(const capacity::offer_plan& best) {
  const auto& paid = best.best().paid;
  const auto hour = best.from.on_demand_usd_per_hour;
  if (!paid.bought || !hour) return {};
  const double share = capacity::break_even_utilisation(*paid.bought, *hour);
  const auto month = capacity::break_even_month(*paid.bought, *hour);
  if (!month) return {};
  return fmt::format(
      "a commitment ({}) beats on-demand when used for more than {} of its term, that is from month {} of {} on; these "
      "are "
      "used for {}",
      paid.bought->term, percent(share), fixed(*month, 1),
      fixed(paid.bought->term_hours() / capacity::hours_per_month, 0), percent(paid.commitment_utilisation));
}

std::vector<std::string> break_sentences(const planned_workload& planned, const capacity::offer_plan& one) {
  std::vector<std::string> found;
  const std::size_t months = planned.plan.monthly_peak_units_per_second.size();
  if (one.quota_month) {
    const bool beyond = *one.quota_month > static_cast<int>(months);
    found.push_back(fmt::format("month {}: {} needs more than the quota of {} instances{}", *one.quota_month,
                                one.from.name(), *one.from.quota_instances,
                                beyond ? ", if demand goes on growing after the horizon" : ""));
  }
  if (one.budget_month) {
    found.push_back(
        fmt::format("month {}: the budget of {} is spent", *one.budget_month, money(*planned.plan.request.budget_usd)));
  }
  return found;
}

std::string refused_sentence(const std::vector<capacity::offer_plan>& refused) {
  if (refused.empty()) return {};
  std::map<capacity::plan_limit, std::size_t> counts;
  for (const auto& one : refused) ++counts[one.broken];
  std::vector<std::string> parts;
  for (const auto& [limit, count] : counts) {
    const char* what = limit == capacity::plan_limit::late     ? "too late"
                       : limit == capacity::plan_limit::quota  ? "over quota"
                       : limit == capacity::plan_limit::budget ? "over budget"
                                                               : "without a price for every hour";
    parts.push_back(fmt::format("{} {}", count, what));
  }
  return fmt::format("{}: {}", refused.size(), join(parts, ", "));
}

}  // namespace

std::string horizon_name(std::size_t steps) {
  if (steps % capacity::steps_per_month == 0) {
    const std::size_t months = steps / capacity::steps_per_month;
    return count_of(months, "month");
  }
  return set_duration(static_cast<double>(steps) * capacity::step_seconds);
}

std::string describe_miss(const capacity::offer_plan& one, const capacity::plan_request& asked) {
  const std::string where = place_of(one.from);
  switch (one.broken) {
    case capacity::plan_limit::late:
      return fmt::format("{}: {} wait for more than {} where {} may ({})", where,
                         late_percent(one.best().service.late_fraction()), set_duration(asked.wanted.wait_seconds),
                         late_percent(asked.wanted.max_late_fraction), capacity::to_string(one.best().how));
    case capacity::plan_limit::quota:
      return fmt::format("{}: needs {} instances from month {} on, the quota is {}", where,
                         fixed(one.best().peak_instances(), 0), *one.quota_month, fixed(*one.from.quota_instances, 0));
    case capacity::plan_limit::budget:
      return fmt::format("{}: costs {}, the budget is {}", where, money(one.best().paid.total_usd()),
                         money(*asked.budget_usd));
    case capacity::plan_limit::price:
      return where + ": no on-demand price, and not all hours may be on spot";
    case capacity::plan_limit::none:
      break;
  }
  return where;
}

plan_sentences sentences_of(const planned_workload& planned) {
  const auto& plan = planned.plan;
  const std::string& unit = planned.workload.unit;
  plan_sentences said;
  said.demand = fmt::format("{}; {} {}s in {}, {} on average, {} at most", planned.demand, amount(plan.total_units),
                            unit, horizon_name(plan.request.demand.size()), rate_of(plan.mean_units_per_second, unit),
                            rate_of(plan.peak_units_per_second, unit));
  said.refused = refused_sentence(plan.refused);
  said.feasible = !plan.ranked.empty();
  if (!said.feasible) {
    said.rent = plan.refused.empty() ? "no offer can do this work"
                                     : "no offer stays within the limits; the nearest is " +
                                           describe_miss(plan.refused.front(), plan.request);
    if (!plan.refused.empty()) said.breaks = break_sentences(planned, plan.refused.front());
    return said;
  }
  const auto& best = plan.ranked.front();
  const auto& result = best.best();
  said.rent = fmt::format("{}: {} instances on average, {} at most, {}; {} in {} ({} scaling)", place_of(best.from),
                          format_number(result.mean_instances), fixed(result.peak_instances(), 0),
                          mix_phrase(result.paid), money(result.paid.total_usd()),
                          horizon_name(plan.request.demand.size()), capacity::to_string(result.how));
  said.because = because_sentence(planned);
  const std::string even = break_even_sentence(best);
  if (!even.empty()) said.because += "; " + even;
  said.breaks = break_sentences(planned, best);
  return said;
}

grid plan_grid(const planned_workload& planned, std::size_t max_rows) {
  grid cells;
  cells.columns = {{"#", true, 0},          {"offer", false, 0},    {"cost $", true, 0}, {"bound $", true, 4},
                   {"scaling", false, 2},   {"committed", true, 0}, {"spot h", true, 3}, {"on-demand h", true, 3},
                   {"instances", true, 1},  {"at most", true, 0},   {"late", true, 0},   {"longest wait", true, 5},
                   {"quota ends", true, 2}, {"region", false, 6}};
  const auto& ranked = planned.plan.ranked;
  for (std::size_t i = 0; i < ranked.size() && (max_rows == 0 || i < max_rows); ++i) {
    const auto& one = ranked[i];
    const auto& result = one.best();
    cells.rows.push_back({std::to_string(i + 1), one.from.name(), format_number(result.paid.total_usd()),
                          one.bound_usd ? format_number(*one.bound_usd) : unknown_mark,
                          std::string(capacity::to_string(result.how)), std::to_string(result.paid.most_committed()),
                          format_number(result.paid.spot_hours), format_number(result.paid.on_demand_hours),
                          format_number(result.mean_instances), fixed(result.peak_instances(), 0),
                          late_percent(result.service.late_fraction()),
                          format_duration(result.service.longest_wait_seconds),
                          one.quota_month ? fmt::format("month {}", *one.quota_month) : unknown_mark, one.from.region});
  }
  return cells;
}

grid policy_grid(const capacity::offer_plan& one) {
  grid cells;
  cells.columns = {{"scaling", false, 0},  {"cost $", true, 0}, {"instances", true, 0},    {"at most", true, 0},
                   {"committed", true, 0}, {"late", true, 0},   {"longest wait", true, 1}, {"queue at most", true, 2}};
  for (const auto& result : one.policies)
    cells.rows.push_back({std::string(capacity::to_string(result.how)), format_number(result.paid.total_usd()),
                          format_number(result.mean_instances), fixed(result.peak_instances(), 0),
                          std::to_string(result.paid.most_committed()), late_percent(result.service.late_fraction()),
                          format_duration(result.service.longest_wait_seconds),
                          amount(result.service.peak_backlog_units)});
  if (one.bound_usd)
    cells.rows.push_back({"oracle bound", format_number(*one.bound_usd), unknown_mark, unknown_mark, unknown_mark,
                          "0 %", unknown_mark, unknown_mark});
  return cells;
}

grid month_grid(const planned_workload& planned, const capacity::offer_plan& one) {
  grid cells;
  cells.columns = {{"month", true, 0},
                   {fmt::format("peak {}s/s", planned.workload.unit), true, 0},
                   {"instances at most", true, 0},
                   {"due $", true, 0}};
  const auto& result = one.best();
  for (std::size_t month = 0; month < result.usd_by_month.size(); ++month)
    cells.rows.push_back({std::to_string(month + 1), amount(planned.plan.monthly_peak_units_per_second[month]),
                          std::to_string(result.peak_by_month[month]), format_number(result.usd_by_month[month])});
  return cells;
}

grid sensitivity_grid(const planned_workload& planned) {
  using subject = capacity::sensitivity::subject;
  grid cells;
  cells.columns = {{"if", false, 0}, {"cost $", true, 0}, {"committed", true, 0}, {"late", true, 0}};
  for (const auto& s : planned.plan.sensitivities) {
    std::string what = std::string(capacity::to_string(s.changed));
    std::replace(what.begin(), what.end(), '_', ' ');
    const int change = static_cast<int>(std::lround((s.value - 1) * 100));
    if (s.changed == subject::target_utilisation)
      what += fmt::format(" is {}", percent(s.value));
    else if (s.changed == subject::rate)
      what = fmt::format("an instance does what is expected ({:+d} %)", change);
    else
      what += fmt::format(" {:+d} %", change);
    cells.rows.push_back(
        {what, format_number(s.usd), std::to_string(s.committed_instances), late_percent(s.late_fraction)});
  }
  return cells;
}

grid refused_grid(const planned_workload& planned, std::size_t max_rows) {
  grid cells;
  cells.columns = {{"refused", false, 0}};
  const auto& refused = planned.plan.refused;
  for (std::size_t i = 0; i < refused.size() && (max_rows == 0 || i < max_rows); ++i)
    cells.rows.push_back({describe_miss(refused[i], planned.plan.request)});
  return cells;
}

}  // namespace gpubench::report
