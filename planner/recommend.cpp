#include "planner/recommend.hpp"

#include "core/units.hpp"
#include "planner/break_even.hpp"
#include "planner/decision.hpp"
#include "planner/explanation.hpp"
#include "planner/fed_plans.hpp"
#include "planner/helper_hosts.hpp"
#include "planner/offer_filter.hpp"
#include "planner/offer_pricer.hpp"
#include "planner/price_check.hpp"
#include "planner/ranking.hpp"
#include "planner/system_planner.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

namespace gpubench::planner {
namespace {

/// The split as a reader sees it. A device without the precision asked for computes in another: that must show.
std::string describe(const layout& split, const profiles::workload& what) {
  std::string text = split.describe(what.kind);
  if (split.precision != what.precision) text += ", in " + std::string(models::to_string(split.precision));
  return text;
}

/// Fills in what the price does not decide.
candidate make_candidate(priced_plan priced, const node_plan& plan, const profiles::instance& type,
                         const profiles::price& offer, const profiles::workload& what) {
  candidate c = std::move(priced.figures);
  c.instance = &type;
  c.price = &offer;
  c.nodes = plan.nodes;
  c.devices = type.has_gpu() ? type.gpu_count * plan.nodes : 0;
  c.tensor_parallel = plan.speed.split.tensor_parallel;
  c.data_parallel = plan.speed.split.data_parallel;
  c.split = describe(plan.speed.split, what);
  c.slice = plan.speed.split.slice;
  c.memory_per_device_bytes = plan.speed.memory.total();
  c.units_per_second = plan.speed.units_per_second;
  c.step = plan.speed.step;
  c.usd_per_million_units = c.expected_cost_usd / what.total_units * 1e6;
  c.shares.reserve(3);
  for (std::size_t i = 0; i < plan.speed.shares.size(); ++i) {
    if (plan.speed.shares[i] > 0) c.shares.push_back({static_cast<bound>(i), plan.speed.shares[i]});
  }
  std::sort(c.shares.begin(), c.shares.end(),
            [](const candidate::share& a, const candidate::share& b) { return a.fraction > b.fraction; });
  return c;
}

void set_price_age(candidate& c, price_check& prices_at, const constraints& limits) {
  c.price_age_days = prices_at.age_days(*c.price);
  c.price_is_old = c.price_age_days > limits.stale_after_days;
}

/// The plan of the least expected cost among those that meet all limits at the confidence asked for, or why none does.
struct chosen_plan {
  const node_plan* plan = nullptr;
  priced_plan priced;
};
chosen_plan choose_plan(const system_plan& system, offer_pricer& pricer, const profiles::instance& type,
                        const profiles::price& offer, double usd_per_hour, const constraints& limits) {
  chosen_plan best;
  std::optional<priced_plan> nearest;
  const bool is_spot = offer.model == profiles::price_model::spot;
  for (const node_plan* plan : system.by_node_seconds) {
    const double checkpoints = is_spot ? plan->speed.host.checkpoint_share : 0;
    // By node-seconds: no later plan can cost less.
    if (best.plan && least_usd(*plan, offer, usd_per_hour * plan->nodes) >= best.priced.figures.expected_cost_usd)
      break;
    if (limits.deadline_seconds && checkpoints == 0 && plan->probability_in_deadline < limits.confidence) continue;
    priced_plan priced = pricer.price(*plan, type, offer, usd_per_hour);
    const candidate& c = priced.figures;
    if (priced.problem.empty() && c.probability_all_limits >= limits.confidence) {
      if (!best.plan || c.expected_cost_usd < best.priced.figures.expected_cost_usd) best = {plan, std::move(priced)};
    } else if (!nearest || c.probability_all_limits > nearest->figures.probability_all_limits) {
      nearest = std::move(priced);
    }
  }
  if (!best.plan && nearest) best.priced = std::move(*nearest);
  return best;
}

/// A system fed by CPU instances beside it.
struct fed_plan {
  helper_plan helpers;
  node_plan plan;
  priced_plan priced;
};
/// The one of the least expected cost that meets all limits at the confidence asked for.
/// @param beaten_usd  what costs as much is of no use
std::optional<fed_plan> choose_fed(const system_plan& system, const helper_hosts& hosts, offer_pricer& pricer,
                                   const profiles::instance& type, const profiles::price& offer, double usd_per_hour,
                                   const profiles::workload& what, const constraints& limits, double beaten_usd) {
  std::optional<fed_plan> best;
  for_each_fed(system, hosts, type, offer, usd_per_hour, what, limits,
               [&](const helper_plan& helpers, const node_plan& fed) {
                 if (least_usd(fed, offer, usd_per_hour * fed.nodes + helpers.set.usd_per_hour) >= beaten_usd) return;
                 priced_plan priced = pricer.price(fed, type, offer, usd_per_hour, helpers.set.usd_per_hour);
                 const candidate& c = priced.figures;
                 if (!priced.problem.empty() || c.probability_all_limits < limits.confidence) return;
                 if (c.expected_cost_usd >= beaten_usd) return;
                 beaten_usd = c.expected_cost_usd;
                 best = fed_plan{helpers, fed, std::move(priced)};
               });
  return best;
}

/// Why a plan that was priced does not do.
rejection refuse(const profiles::instance& type, const profiles::price& offer, const priced_plan& priced,
                 const constraints& limits) {
  const candidate& c = priced.figures;
  if (!priced.problem.empty()) return {&type, &offer, priced.reason, priced.problem};
  const std::string level = format_number(limits.confidence * 100) + " %";
  if (limits.budget_usd && c.probability_in_budget <= c.probability_in_deadline)
    return {&type, &offer, rejection_reason::budget,
            "costs up to $" + format_number(c.cost_at_confidence_usd) + " at " + level + ", budget $" +
                format_number(*limits.budget_usd)};
  return {&type, &offer, rejection_reason::deadline,
          "takes " + format_duration(c.job.seconds) + " (" + format_duration(c.seconds_at_confidence) + " at " + level +
              ", interruptions included), limit " + format_duration(limits.deadline_seconds.value_or(0))};
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
    case rejection_reason::later_price:
      return "price of a later day";
    case rejection_reason::no_data:
      return "no data";
    case rejection_reason::unsupported:
      return "unsupported";
    case rejection_reason::interruptions:
      return "interruptions";
  }
  return "";
}

std::string_view to_string(cost_part part) {
  constexpr std::array<std::string_view, cost_parts> names{"work",       "checkpoints",     "lost work", "on demand",
                                                           "unused",     "storage",         "snapshots", "egress",
                                                           "inter-zone", "data preparation"};
  return names[static_cast<std::size_t>(part)];
}

std::string helper_set::name() const {
  return std::to_string(count) + " x " + instance->type;
}

recommendation recommend(const profiles::catalogue& known, const calibration& efficiencies,
                         const profiles::workload& asked, const constraints& limits,
                         const std::vector<results::run>& runs, std::chrono::system_clock::time_point now) {
  const offer_filter filter(limits, known);
  const std::vector<measured_host> measured = measured_hosts(runs);
  std::string prepared_as;
  const profiles::workload what = with_measured_preparation(asked, measured, prepared_as);
  recommendation answer;
  answer.workload = what;
  answer.limits = limits;
  answer.made_at = format_utc(now);
  system_planner planner(known, efficiencies, what, limits, runs);
  rules_of_thumb rules(known);
  cheaper_later beyond_deadline;
  price_check prices_at(limits, now);
  offer_pricer pricer(known, prices_at, what, limits, measured);
  const helper_hosts hosts(known, filter, prices_at, what, limits);
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
    for (const profiles::price* offer : prices) {
      if (!filter.admits(*offer)) continue;
      ++answer.considered;
      if (plan.feasible.empty()) {
        answer.rejected.push_back({&type, offer, plan.reason, plan.detail});
        continue;
      }
      rejection problem = prices_at.problem(type, *offer);
      const bool usable = problem.detail.empty();
      const double usd = offer->currency == "USD" ? offer->amount_per_hour
                                                  : known.rates.to_usd(offer->amount_per_hour, offer->currency);
      if (usable && !plan.by_node_seconds.empty()) rules.consider(type, *offer, usd, plan);
      if (!plan.cheapest && usable) {
        if (!plan.by_node_seconds.empty())
          beyond_deadline.consider(type, *offer, usd, *plan.by_node_seconds.front(), std::nullopt);
        for_each_fed(plan, hosts, type, *offer, usd, what, limits,
                     [&](const helper_plan& helpers, const node_plan& fed) {
                       if (fed.probability_in_deadline < limits.confidence)
                         beyond_deadline.consider(type, *offer, usd, fed, helpers.set);
                     });
      }
      const auto rank = [&](priced_plan priced, const node_plan& chosen) -> candidate& {
        candidate c = make_candidate(std::move(priced), chosen, type, *offer, what);
        set_price_age(c, prices_at, limits);
        // What is faster than its units come in waits for them and for no host.
        if (chosen.work.seconds >= chosen.arriving_seconds)
          c.host_reason = host_sentence(what, chosen.speed.host, chosen.nodes * planner.host_cores(type),
                                        chosen.speed.device_units_per_second, c.units_per_second);
        answer.ranked.push_back(std::move(c));
        return answer.ranked.back();
      };
      chosen_plan alone;
      const bool has_own_checkpoints =
          offer->model == profiles::price_model::spot && plan.feasible.front().speed.host.checkpoint_share > 0;
      if ((plan.cheapest || has_own_checkpoints) && usable)
        alone = choose_plan(plan, pricer, type, *offer, usd, limits);
      if (usable) {
        const double beaten_usd =
            alone.plan ? alone.priced.figures.expected_cost_usd : std::numeric_limits<double>::infinity();
        if (auto fed = choose_fed(plan, hosts, pricer, type, *offer, usd, what, limits, beaten_usd)) {
          ++answer.considered;
          candidate& c = rank(std::move(fed->priced), fed->plan);
          c.helpers = fed->helpers.set;
          c.host_reason.clear();
        }
      }
      if (alone.plan) {
        rank(std::move(alone.priced), *alone.plan);
      } else if (!plan.cheapest) {
        answer.rejected.push_back({&type, offer, plan.reason, plan.detail});
      } else {
        answer.rejected.push_back(usable ? refuse(type, *offer, alone.priced, limits) : std::move(problem));
      }
    }
  }

  sort_by_cost(answer.ranked);
  mark_pareto_front(answer.ranked);
  for (candidate& c : answer.ranked) c.regret_usd = c.expected_cost_usd - answer.ranked.front().expected_cost_usd;
  set_own_break_even(answer);
  answer.not_separable = count_not_separable(answer.ranked);
  answer.next_best = find_rival(answer.ranked);
  answer.worth_measuring = probes(answer);
  for (const rules_of_thumb::choice& one : rules.choices()) {
    const node_plan& plan = plan_of.at(one.type)->feasible.front();
    priced_plan priced = pricer.price(plan, *one.type, *one.offer, one.usd_per_hour);
    // A rule of thumb does not know that its choice cannot be bought for this job.
    if (!priced.problem.empty()) continue;
    candidate chosen = make_candidate(std::move(priced), plan, *one.type, *one.offer, what);
    set_price_age(chosen, prices_at, limits);
    answer.rules.push_back({one.rule, std::move(chosen)});
  }
  std::vector<const system_plan*> plans;
  plans.reserve(answer.ranked.size());
  for (const candidate& c : answer.ranked) plans.push_back(plan_of.at(c.instance));
  constraints without_deadline = limits;
  without_deadline.deadline_seconds.reset();
  offer_pricer unhurried(known, prices_at, what, without_deadline, measured);
  answer.flip_points = flip_points(answer, plans, beyond_deadline.best(), pricer, unhurried, hosts);
  answer.notes = notes(answer, planner, pricer, known);
  for (const measured_device* one : planner.used()) answer.measured_runs.insert(one->run_id);
  if (!prepared_as.empty() && what.kind == profiles::workload_kind::host)
    answer.notes.push_back(
        "One " + what.unit + " takes " + format_duration(what.host_cpu_seconds_per_unit) + " of a core, as " +
        prepared_as + " measured it; cores of other CPUs take that by the ratio of their clocks. The workload says " +
        format_duration(asked.host_cpu_seconds_per_unit) + ".");
  else if (!prepared_as.empty())
    answer.notes.push_back("Data preparation takes " + format_duration(what.host_cpu_seconds_per_unit) +
                           " of a core for a " + what.unit + " on every CPU, as " + prepared_as +
                           " measured it; the workload says " + format_duration(asked.host_cpu_seconds_per_unit) + ".");
  return answer;
}

}  // namespace gpubench::planner
