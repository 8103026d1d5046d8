#include "planner/recommend.hpp"

#include "core/units.hpp"
#include "planner/explanation.hpp"
#include "planner/helper_hosts.hpp"
#include "planner/offer_filter.hpp"
#include "planner/ranking.hpp"
#include "planner/system_planner.hpp"

#include <algorithm>
#include <unordered_map>

namespace gpubench::planner {
namespace {

/// Age of dates seen so far: a catalogue has few distinct ones.
class ages {
 public:
  explicit ages(std::chrono::system_clock::time_point now) : today_(days_since_epoch(now)) {}

  /// Negative where the date cannot be read.
  double of(const std::string& date) {
    if (date == last_) return last_age_;
    const auto found = known_.find(date);
    if (found != known_.end()) {
      last_age_ = found->second;
    } else {
      const auto day = parse_date(date);
      last_age_ = day ? static_cast<double>(today_ - *day) : -1;
      known_.emplace(date, last_age_);
    }
    last_ = date;
    return last_age_;
  }

 private:
  std::int64_t today_;
  std::unordered_map<std::string, double> known_;
  std::string last_;
  double last_age_ = 0;
};

candidate make_candidate(const profiles::instance& type, const profiles::price& offer, const node_plan& plan,
                         double usd_per_hour, const std::string& split) {
  candidate c;
  c.instance = &type;
  c.price = &offer;
  c.nodes = plan.nodes;
  c.devices = type.has_gpu() ? type.gpu_count * plan.nodes : 0;
  c.tensor_parallel = plan.speed.split.tensor_parallel;
  c.data_parallel = plan.speed.split.data_parallel;
  c.split = split;
  c.memory_per_device_bytes = plan.speed.memory.total();
  c.units_per_second = plan.speed.units_per_second;
  c.step = plan.speed.step;
  c.job = plan.job;
  c.usd_per_hour = usd_per_hour * plan.nodes;
  const double usd_per_second = c.usd_per_hour / seconds_per_hour;
  c.cost_usd = usd_per_second * plan.job.seconds;
  c.cost_low_usd = usd_per_second * plan.job.low;
  c.cost_high_usd = usd_per_second * plan.job.high;
  c.usd_per_million_units = usd_per_second / plan.worth_units_per_second * 1e6;
  c.probability_in_deadline = plan.probability_in_deadline;
  c.shares.reserve(3);
  for (std::size_t i = 0; i < plan.speed.shares.size(); ++i) {
    if (plan.speed.shares[i] > 0) c.shares.push_back({static_cast<bound>(i), plan.speed.shares[i]});
  }
  std::sort(c.shares.begin(), c.shares.end(),
            [](const candidate::share& a, const candidate::share& b) { return a.fraction > b.fraction; });
  return c;
}

/// The same system fed by CPU instances beside it.
candidate with_helpers(const candidate& alone, const helper_plan& helpers, const node_plan& plan,
                       const profiles::workload& what, const constraints& limits) {
  candidate c = alone;
  const std::optional<double> rate =
      limits.rate_units_per_second ? limits.rate_units_per_second : what.rate_units_per_second;
  const double worth = std::min(helpers.units_per_second, rate.value_or(helpers.units_per_second));
  const double seconds = what.total_units / worth;
  const estimate& step = plan.speed.device_step;
  c.helpers = helpers.describe();
  c.split += " + " + c.helpers;
  c.host_reason.clear();
  c.units_per_second = helpers.units_per_second;
  c.job.seconds = seconds;
  c.job.low = seconds * step.low / step.seconds;
  c.job.high = seconds * step.high / step.seconds;
  c.step.seconds = alone.step.seconds * alone.units_per_second / helpers.units_per_second;
  c.step.low = c.step.seconds * step.low / step.seconds;
  c.step.high = c.step.seconds * step.high / step.seconds;
  c.usd_per_hour += helpers.usd_per_hour;
  const double usd_per_second = c.usd_per_hour / seconds_per_hour;
  c.cost_usd = usd_per_second * c.job.seconds;
  c.cost_low_usd = usd_per_second * c.job.low;
  c.cost_high_usd = usd_per_second * c.job.high;
  c.usd_per_million_units = usd_per_second / worth * 1e6;
  if (limits.deadline_seconds) c.probability_in_deadline = probability_within(c.job, *limits.deadline_seconds);
  // The wait for the host is gone, all of it or in part; the other shares grow in proportion.
  const double kept = c.step.seconds / alone.step.seconds;
  double others = 0;
  for (const candidate::share& s : c.shares) others += s.by == bound::host ? 0 : s.fraction;
  for (candidate::share& s : c.shares)
    s.fraction = s.by == bound::host ? std::max(0.0, 1 - others / kept) : std::min(1.0, s.fraction / kept);
  std::sort(c.shares.begin(), c.shares.end(),
            [](const candidate::share& a, const candidate::share& b) { return a.fraction > b.fraction; });
  if (!c.shares.empty()) c.step.bound_by = c.shares.front().by;
  return c;
}

}  // namespace

std::string_view to_string(rejection_reason r) {
  switch (r) {
    case rejection_reason::memory:
      return "memory";
    case rejection_reason::latency:
      return "latency";
    case rejection_reason::rate:
      return "rate";
    case rejection_reason::deadline:
      return "deadline";
    case rejection_reason::budget:
      return "budget";
    case rejection_reason::no_price:
      return "no price";
    case rejection_reason::old_price:
      return "price too old";
    case rejection_reason::no_data:
      return "no data";
    case rejection_reason::unsupported:
      return "unsupported";
  }
  return "";
}

recommendation recommend(const profiles::catalogue& known, const calibration& efficiencies,
                         const profiles::workload& what, const constraints& limits,
                         const std::vector<results::run>& runs, std::chrono::system_clock::time_point now) {
  const offer_filter filter(limits, known);
  recommendation answer;
  answer.workload = what;
  answer.limits = limits;
  answer.made_at = format_utc(now);
  system_planner planner(known, efficiencies, what, limits, runs);
  ages age(now);
  const helper_hosts hosts(known, filter, limits, what, days_since_epoch(now));
  std::unordered_map<const profiles::instance*, const system_plan*> plan_of;
  plan_of.reserve(known.instances.size());
  answer.ranked.reserve(known.prices.size());

  for (const profiles::instance& type : known.instances) {
    if (!filter.admits(type)) continue;
    const std::vector<const profiles::price*> prices = known.prices_of(type);
    if (prices.empty()) {
      ++answer.considered;
      answer.rejected.push_back({&type, nullptr, rejection_reason::no_price, "no price is known"});
      continue;
    }
    const bool any = std::any_of(prices.begin(), prices.end(), [&](const auto* p) { return filter.admits(*p); });
    if (!any) continue;
    const system_plan& plan = planner.plan(type);
    plan_of.emplace(&type, &plan);
    std::string split;
    if (plan.cheapest) {
      const layout& chosen = plan.cheapest->speed.split;
      split = chosen.describe(what.kind);
      // A device without the precision asked for computes in another: the reader must see it.
      if (chosen.precision != what.precision) split += ", in " + std::string(models::to_string(chosen.precision));
    }
    for (const profiles::price* offer : prices) {
      if (!filter.admits(*offer)) continue;
      ++answer.considered;
      if (!plan.cheapest) {
        answer.rejected.push_back({&type, offer, plan.reason, plan.detail});
        continue;
      }
      if (!offer->checked) {
        answer.rejected.push_back({&type, offer, rejection_reason::no_price,
                                   "the only price for it is not checked (" + offer->origin.source + ")"});
        continue;
      }
      const double days = std::max(0.0, age.of(offer->origin.date));
      const bool is_spot = offer->model == profiles::price_model::spot;
      if (days > (is_spot ? limits.max_spot_price_age_days : limits.max_price_age_days)) {
        answer.rejected.push_back({&type, offer, rejection_reason::old_price, "its price is of " + offer->origin.date});
        continue;
      }
      const double usd = offer->currency == "USD" ? offer->amount_per_hour
                                                  : known.rates.to_usd(offer->amount_per_hour, offer->currency);
      if (limits.budget_usd) {
        // The least node-seconds a unit is also the least cost, so no other number of nodes would help.
        const double sure = usd * plan.cheapest->nodes * plan.cheapest->seconds_at_confidence / seconds_per_hour;
        if (sure > *limits.budget_usd) {
          answer.rejected.push_back({&type, offer, rejection_reason::budget,
                                     "costs up to $" + format_number(sure) + " at " +
                                         format_number(limits.confidence * 100) + " %, budget $" +
                                         format_number(*limits.budget_usd)});
          continue;
        }
      }
      candidate c = make_candidate(type, *offer, *plan.cheapest, usd, split);
      c.price_age_days = days;
      c.price_is_old = c.price_age_days > limits.stale_after_days;
      c.host_reason = host_sentence(what, plan.cheapest->speed.host, plan.cheapest->nodes * planner.host_cores(type),
                                    plan.cheapest->speed.device_units_per_second, c.units_per_second);
      const std::optional<helper_plan> helpers = hosts.beside(type, *offer, *plan.cheapest, c.usd_per_hour);
      if (helpers) {
        candidate fed = with_helpers(c, *helpers, *plan.cheapest, what, limits);
        const double sure = fed.usd_per_hour * duration_at_confidence(fed.job, limits.confidence) / seconds_per_hour;
        if (!limits.budget_usd || sure <= *limits.budget_usd) {
          ++answer.considered;
          answer.ranked.push_back(std::move(fed));
        }
      }
      answer.ranked.push_back(std::move(c));
    }
  }

  sort_by_cost(answer.ranked);
  mark_pareto_front(answer.ranked);
  answer.not_separable = count_not_separable(answer.ranked);
  std::vector<const system_plan*> plans;
  plans.reserve(answer.ranked.size());
  for (const candidate& c : answer.ranked) plans.push_back(plan_of.at(c.instance));
  answer.flip_points = flip_points(answer, plans);
  answer.notes = notes(answer, planner, known);
  return answer;
}

}  // namespace gpubench::planner
