#include "planner/offer_pricer.hpp"

#include "core/statistics.hpp"
#include "core/units.hpp"
#include "planner/job_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "cost/billing.hpp"
#include "cost/capacity_block.hpp"
#include "cost/checkpoint.hpp"
#include "cost/commitment.hpp"
#include "cost/storage.hpp"
#include "cost/traffic.hpp"

namespace gpubench::planner {
namespace {

// Where neither the user nor the catalogue says how fast a volume is written: what AWS gp3 includes.
constexpr double assumed_bytes_per_second = 125 * mib;

void append_bits(std::string& key, double value) {
  char bits[sizeof value];
  std::memcpy(bits, &value, sizeof value);
  key.append(bits, sizeof bits);
}

double& part(candidate& c, cost_part which) {
  return c.cost_by_part[static_cast<std::size_t>(which)];
}

estimate later(const estimate& job, double seconds) {
  estimate result = job;
  result.seconds += seconds;
  result.low += seconds;
  result.high += seconds;
  return result;
}

void set_break_even(candidate& c, const cost::commitment_term& term, double usd_per_hour, double on_demand) {
  const cost::commitment deal = cost::commitment_of(usd_per_hour, term.years.value_or(1) * cost::hours_per_year,
                                                    term.payment.value_or(cost::payment_option::no_upfront));
  c.break_even_utilisation = cost::break_even_utilisation(deal, on_demand);
  if (deal.upfront > 0) c.break_even_months = cost::break_even_months(deal, on_demand);
}

}  // namespace

/// Runs of one system under one rate of interruptions; prices do not enter them.
struct offer_pricer::simulated_job {
  std::vector<cost::spot_run> runs;
  std::vector<double> walls;  ///< ascending
  double mean_wall = 0, mean_spot = 0, mean_on_demand = 0, mean_checkpoints = 0, mean_lost = 0, mean_interruptions = 0;
  double undisturbed = 0;
  double keeping_rate = 0;  ///< share of runs whose work is done when its last unit has come in
  bool ended = true;        ///< all of them
  bool all_on_spot = true;  ///< nothing was waited for or done on demand

  double share_within(double seconds) const {
    const auto end = std::upper_bound(walls.begin(), walls.end(), seconds);
    return static_cast<double>(end - walls.begin()) / static_cast<double>(walls.size());
  }
};

offer_pricer::offer_pricer(const profiles::catalogue& known, price_check& usable, const profiles::workload& what,
                           const constraints& limits, const std::vector<measured_host>& hosts)
    : known_(known),
      usable_(usable),
      limits_(limits),
      hosts_(hosts),
      checkpoint_bytes_(checkpoint_bytes(what)),
      stated_storage_rate_(what.storage_bytes_per_second) {}

priced_plan offer_pricer::price(const node_plan& plan, const profiles::instance& type, const profiles::price& offer,
                                double usd_per_hour, double helpers_usd_per_hour) {
  priced_plan result;
  candidate& c = result.figures;
  c.usd_per_hour = usd_per_hour * plan.nodes + helpers_usd_per_hour;
  const double usd_per_second = usd_per_hour * plan.nodes / seconds_per_hour;
  fixed_costs beside = fixed_costs_of(type, offer);
  beside.helpers_per_second = helpers_usd_per_hour / seconds_per_hour;
  c.part_is_unknown = beside.part_is_unknown;
  if (offer.model == profiles::price_model::spot) {
    price_spot(result, plan, type, offer, usd_per_second, beside);
  } else if (offer.model == profiles::price_model::commitment) {
    const cost::commitment_term term = cost::parse_commitment_term(offer.term);
    if (term.is_capacity_block) {
      price_block(result, plan, term.window_hours, usd_per_second, beside);
    } else {
      price_steady(result, plan, offer, usd_per_second, beside);
      if (const auto on_demand = on_demand_usd_per_hour(type, offer.region))
        set_break_even(c, term, usd_per_hour, *on_demand);
    }
  } else {
    price_steady(result, plan, offer, usd_per_second, beside);
  }
  return result;
}

const offer_pricer::fixed_costs& offer_pricer::fixed_costs_of(const profiles::instance& type,
                                                              const profiles::price& offer) {
  key_ = type.provider + "|" + offer.region;
  const auto found = fixed_.find(key_);
  if (found != fixed_.end()) return found->second;
  const cost::terms& agreed = limits_.terms;
  fixed_costs costs;
  costs.billing = cost::billing_of(agreed, type.provider);
  const auto use = [&](const std::optional<cost::tariff_charge>& charge, cost_part part, const char* what) {
    if (!charge) {
      costs.part_is_unknown[static_cast<std::size_t>(part)] = true;
      notes_.insert(std::string(what) + " at " + type.provider + " is not in its costs: no tariff is known.");
      return 0.0;
    }
    if (charge->other_region)
      notes_.insert(std::string(what) + " in regions of " + type.provider + " without a tariff is priced as " +
                    charge->tariff + ".");
    return charge->usd;
  };
  if (agreed.stored_bytes > 0) {
    const auto* volume = cost::find_storage(known_, type.provider, offer.region, agreed.storage_service);
    costs.storage_per_second =
        use(volume ? cost::stored(known_, *volume, offer.region, agreed.stored_bytes, 1) : std::nullopt,
            cost_part::storage, "Storage");
  }
  if (agreed.snapshot_bytes > 0) {
    costs.snapshots_per_second = use(cost::snapshots(known_, type.provider, offer.region, agreed.snapshot_bytes, 1),
                                     cost_part::snapshots, "Storage of snapshots");
  }
  if (agreed.egress_bytes > 0)
    costs.egress =
        use(cost::egress(known_, type.provider, offer.region, agreed.egress_bytes), cost_part::egress, "Egress");
  if (agreed.inter_zone_bytes > 0) {
    costs.inter_zone = use(cost::inter_zone(known_, type.provider, offer.region, agreed.inter_zone_bytes),
                           cost_part::inter_zone, "Traffic between zones");
  }
  return fixed_.emplace(key_, costs).first->second;
}

void offer_pricer::price_steady(priced_plan& result, const node_plan& plan, const profiles::price& offer,
                                double usd_per_second, const fixed_costs& beside) {
  candidate& c = result.figures;
  const bool committed = offer.model == profiles::price_model::commitment;
  const double utilisation = committed ? limits_.terms.commitment_utilisation : 1;
  const double startup = limits_.terms.startup_seconds;
  const double paid_per_second = usd_per_second / utilisation;
  const auto billed = [&](double seconds) {
    // Of a commitment every hour is paid anyway.
    return committed ? seconds : cost::billed_seconds(beside.billing, seconds);
  };
  const auto cost_of = [&](double seconds) {
    return paid_per_second * billed(seconds) + beside.per_second() * seconds + beside.once();
  };
  c.job = later(plan.job, startup);
  c.cost_usd = cost_of(c.job.seconds);
  c.cost_low_usd = cost_of(c.job.low);
  c.cost_high_usd = cost_of(c.job.high);
  const double mean = plan.mean_seconds + startup;
  c.expected_cost_usd = cost_of(mean);
  part(c, cost_part::work) = usd_per_second * plan.mean_seconds;
  part(c, cost_part::lost_work) = usd_per_second * startup;
  part(c, cost_part::unused) = paid_per_second * billed(mean) - usd_per_second * mean;
  part(c, cost_part::storage) = beside.storage_per_second * mean;
  part(c, cost_part::snapshots) = beside.snapshots_per_second * mean;
  part(c, cost_part::egress) = beside.egress;
  part(c, cost_part::inter_zone) = beside.inter_zone;
  part(c, cost_part::data_preparation) = beside.helpers_per_second * mean;
  c.seconds_at_confidence = plan.seconds_at_confidence + startup;
  c.cost_at_confidence_usd = cost_of(c.seconds_at_confidence);
  // Time and cost rise together: the limit that is reached first decides on both.
  if (limits_.deadline_seconds)
    c.probability_in_deadline = probability_within(plan.job, *limits_.deadline_seconds - startup);
  if (limits_.budget_usd) {
    double seconds = (*limits_.budget_usd - beside.once()) / (paid_per_second + beside.per_second());
    const profiles::billing_rule& rule = beside.billing;
    if (!committed) {
      if (seconds < rule.minimum_seconds.value_or(0)) seconds = 0;
      if (rule.granularity_seconds > 0)
        seconds = std::floor(seconds / rule.granularity_seconds + 1e-6) * rule.granularity_seconds;
    }
    c.probability_in_budget = probability_within(plan.job, seconds - startup);
  }
  c.probability_all_limits = std::min(c.probability_in_deadline, c.probability_in_budget);
}

void offer_pricer::price_block(priced_plan& result, const node_plan& plan, std::optional<double> window_hours,
                               double usd_per_second, const fixed_costs& beside) {
  candidate& c = result.figures;
  const double startup = limits_.terms.startup_seconds;
  c.job = later(plan.job, startup);
  c.seconds_at_confidence = plan.seconds_at_confidence + startup;
  const auto hours = cost::capacity_block_hours({window_hours}, c.seconds_at_confidence);
  if (!hours) {
    result.reason = rejection_reason::deadline;
    result.problem = "no capacity block is long enough for " + format_duration(c.seconds_at_confidence) + " at " +
                     format_number(limits_.confidence * 100) + " %";
    return;
  }
  const double window = *hours * seconds_per_hour, mean = plan.mean_seconds + startup;
  const double cost = usd_per_second * window + beside.per_second() * mean + beside.once();
  c.cost_usd = c.cost_low_usd = c.cost_high_usd = c.expected_cost_usd = c.cost_at_confidence_usd = cost;
  part(c, cost_part::work) = usd_per_second * plan.mean_seconds;
  part(c, cost_part::lost_work) = usd_per_second * startup;
  part(c, cost_part::unused) = usd_per_second * (window - mean);
  part(c, cost_part::storage) = beside.storage_per_second * mean;
  part(c, cost_part::snapshots) = beside.snapshots_per_second * mean;
  part(c, cost_part::egress) = beside.egress;
  part(c, cost_part::inter_zone) = beside.inter_zone;
  part(c, cost_part::data_preparation) = beside.helpers_per_second * mean;
  const double until = std::min(window, limits_.deadline_seconds.value_or(window));
  c.probability_in_deadline = probability_within(plan.job, until - startup);
  if (limits_.budget_usd) c.probability_in_budget = cost <= *limits_.budget_usd ? 1 : 0;
  c.probability_all_limits = std::min(c.probability_in_deadline, c.probability_in_budget);
}

double offer_pricer::checkpoint_rate(const profiles::instance& type, const profiles::price& offer) {
  if (limits_.terms.spot.checkpoint_bytes_per_second) return *limits_.terms.spot.checkpoint_bytes_per_second;
  const auto measured = storage_of(hosts_, type.provider, type.type).checkpoint_bytes_per_second;
  if (const auto known = slower_of(measured, stated_storage_rate_)) return *known;
  key_ = type.provider + "|" + offer.region;
  const auto found = rates_.find(key_);
  if (found != rates_.end()) return found->second;
  const auto* volume = cost::find_storage(known_, type.provider, offer.region, limits_.terms.storage_service);
  const auto stated = volume ? cost::write_rate(*volume) : std::nullopt;
  return rates_.emplace(key_, stated.value_or(assumed_bytes_per_second)).first->second;
}

std::optional<double> offer_pricer::on_demand_usd_per_hour(const profiles::instance& type, const std::string& region) {
  std::optional<double> usd;
  for (const profiles::price* other : known_.prices_of(type)) {
    if (other->model != profiles::price_model::on_demand || other->region != region) continue;
    if (!usable_.problem(type, *other).detail.empty()) continue;
    const double amount = known_.rates.to_usd(other->amount_per_hour, other->currency);
    if (!usd || amount < *usd) usd = amount;
  }
  return usd;
}

std::shared_ptr<const offer_pricer::simulated_job> offer_pricer::simulate(const node_plan& plan,
                                                                          const cost::spot_job& job,
                                                                          const cost::interruption_rate& rate) {
  key_.clear();
  append_bits(key_, plan.work.seconds);
  append_bits(key_, plan.work.low);
  append_bits(key_, plan.work.high);
  append_bits(key_, plan.speed.host.checkpoint_share);
  append_bits(key_, plan.nodes);
  append_bits(key_, rate.mean_up_seconds);
  append_bits(key_, rate.mean_down_seconds);
  append_bits(key_, job.checkpoint_seconds);
  append_bits(key_, job.restart_seconds);
  append_bits(key_, static_cast<double>(job.fallback));
  const auto found = simulated_.find(key_);
  if (found != simulated_.end()) return found->second;

  const cost::spot_terms& terms = limits_.terms.spot;
  if (!samples_) samples_.emplace(terms.runs);
  auto result = std::make_shared<simulated_job>();
  // Checkpoints at Daly's interval stand in place of those that the plan's steps stop for.
  estimate undisturbed = plan.work;
  for (double* seconds : {&undisturbed.seconds, &undisturbed.low, &undisturbed.high})
    *seconds /= 1 + plan.speed.host.checkpoint_share;
  const std::vector<double> work = samples_->of(undisturbed);
  result->runs = terms.trace ? cost::simulate_spot(job, *terms.trace, terms.correlation, work, terms.seed)
                             : cost::simulate_spot(job, rate, work, terms.seed);
  const double share = 1 / static_cast<double>(result->runs.size());
  const double arrived = job.startup_seconds + job.arriving_seconds;
  for (const cost::spot_run& run : result->runs) {
    result->keeping_rate += run.wall_seconds <= arrived * (1 + 1e-9) ? share : 0;
    result->ended = result->ended && run.ended();
    result->all_on_spot = result->all_on_spot && run.spot_seconds >= run.wall_seconds * (1 - 1e-9);
    result->walls.push_back(run.wall_seconds);
    result->mean_wall += share * run.wall_seconds;
    result->mean_spot += share * run.spot_seconds;
    result->mean_on_demand += share * run.on_demand_seconds;
    result->mean_checkpoints += share * run.checkpoint_seconds;
    result->mean_lost += share * run.lost_seconds;
    result->mean_interruptions += share * run.interruptions;
    result->undisturbed += run.interruptions == 0 ? share : 0;
  }
  // Sums of shares may exceed 1 by a rounding.
  for (double* part : {&result->undisturbed, &result->keeping_rate}) *part = std::min(1.0, *part);
  std::sort(result->walls.begin(), result->walls.end());
  simulated_.emplace(key_, result);
  return result;
}

void offer_pricer::price_spot(priced_plan& result, const node_plan& plan, const profiles::instance& type,
                              const profiles::price& offer, double usd_per_second, const fixed_costs& beside) {
  candidate& c = result.figures;
  const cost::spot_terms& terms = limits_.terms.spot;
  cost::interruption_rate rate;
  if (terms.trace) {
    // Independent nodes each have a pool of their own, of which they need one.
    const int needed = terms.correlation == cost::trace_correlation::independent ? 1 : plan.nodes;
    const cost::availability pool(*terms.trace, needed);
    if (!pool.ever_up()) {
      result.reason = rejection_reason::interruptions;
      result.problem = terms.trace->name + " never has " + std::to_string(needed) + " instances at once";
      return;
    }
    // Per instance, as the rate of a group is that of one times its number.
    rate = {pool.mean_up_seconds() * needed, 0, "as in " + terms.trace->name, false};
  } else {
    const std::string name = type.provider + "|" + type.type + "|" + offer.region;
    const auto found = interruptions_.find(name);
    rate = found != interruptions_.end()
               ? found->second
               : interruptions_
                     .emplace(name, cost::interruption_of(known_, type.provider, type.type, offer.region,
                                                          terms.monthly_interruption_fraction))
                     .first->second;
  }
  // Every node writes, and reads back, its part.
  const double load_seconds =
      checkpoint_bytes_ > 0 ? checkpoint_bytes_ / (checkpoint_rate(type, offer) * plan.nodes) : 0;
  cost::spot_job job;
  job.nodes = plan.nodes;
  job.checkpoint_seconds = load_seconds;
  job.interval_seconds = load_seconds > 0 ? cost::daly_interval(rate.mean_up_seconds / plan.nodes, load_seconds) : 0;
  job.restart_seconds = terms.restart_seconds + load_seconds;
  job.startup_seconds = limits_.terms.startup_seconds;
  job.arriving_seconds = plan.arriving_seconds;
  job.deadline_seconds = limits_.deadline_seconds;
  const auto on_demand =
      terms.fallback == cost::spot_fallback::none ? std::nullopt : on_demand_usd_per_hour(type, offer.region);
  if (on_demand) job.fallback = terms.fallback;

  const std::shared_ptr<const simulated_job> simulated = simulate(plan, job, rate);
  const simulated_job& means = *simulated;
  if (!means.ended) {
    result.reason = rejection_reason::interruptions;
    result.problem = "is interrupted so often that the job does not get on: an instance lives " +
                     format_duration(rate.mean_up_seconds) + " on average";
    return;
  }
  if (plan.arriving_seconds > 0 && means.keeping_rate < limits_.confidence) {
    result.reason = rejection_reason::rate;
    result.problem = "interruptions included, it keeps up with the rate asked for with " +
                     format_number(100 * means.keeping_rate, 3) + " %";
    return;
  }
  if (!(means.mean_spot > 0)) {
    result.reason = rejection_reason::interruptions;
    result.problem = "the deadline leaves no time to make up for a loss: all of it would be on demand";
    return;
  }
  c.job = plan.job;
  c.job.seconds = sorted_quantile(means.walls, 0.5);
  c.job.low = sorted_quantile(means.walls, 0.05);
  c.job.high = sorted_quantile(means.walls, 0.95);
  const double on_demand_per_second = on_demand.value_or(0) * plan.nodes / seconds_per_hour;
  c.seconds_at_confidence = sorted_quantile(means.walls, limits_.confidence);
  if (limits_.deadline_seconds) c.probability_in_deadline = means.share_within(*limits_.deadline_seconds);
  if (means.all_on_spot) {
    // Cost rises with time: quantiles and limits of the one are those of the other.
    const double paid_per_second = usd_per_second + beside.per_second();
    const auto cost_of = [&](double seconds) { return paid_per_second * seconds + beside.once(); };
    c.cost_usd = cost_of(c.job.seconds);
    c.cost_low_usd = cost_of(c.job.low);
    c.cost_high_usd = cost_of(c.job.high);
    c.cost_at_confidence_usd = cost_of(c.seconds_at_confidence);
    if (limits_.budget_usd)
      c.probability_in_budget = means.share_within((*limits_.budget_usd - beside.once()) / paid_per_second);
    c.probability_all_limits = std::min(c.probability_in_deadline, c.probability_in_budget);
  } else {
    std::vector<double> costs;
    costs.reserve(means.runs.size());
    std::size_t in_budget = 0, in_both = 0;
    for (const cost::spot_run& run : means.runs) {
      costs.push_back(usd_per_second * run.spot_seconds + on_demand_per_second * run.on_demand_seconds +
                      beside.per_second() * run.wall_seconds + beside.once());
      const bool paid = !limits_.budget_usd || costs.back() <= *limits_.budget_usd;
      in_budget += paid ? 1 : 0;
      in_both += paid && (!limits_.deadline_seconds || run.wall_seconds <= *limits_.deadline_seconds) ? 1 : 0;
    }
    const double count = static_cast<double>(means.runs.size());
    c.probability_in_budget = static_cast<double>(in_budget) / count;
    c.probability_all_limits = static_cast<double>(in_both) / count;
    std::sort(costs.begin(), costs.end());
    c.cost_usd = sorted_quantile(costs, 0.5);
    c.cost_low_usd = sorted_quantile(costs, 0.05);
    c.cost_high_usd = sorted_quantile(costs, 0.95);
    c.cost_at_confidence_usd = sorted_quantile(costs, limits_.confidence);
  }

  // Each use begun rounds up by half a granule on average.
  const double granule = beside.billing.granularity_seconds;
  const double rounding = granule > 1 ? (means.mean_interruptions + 1) * granule / 2 : 0;
  const double at_work = means.mean_spot - means.mean_checkpoints - means.mean_lost;
  part(c, cost_part::work) = usd_per_second * at_work;
  part(c, cost_part::checkpoints) = usd_per_second * means.mean_checkpoints;
  part(c, cost_part::lost_work) = usd_per_second * means.mean_lost;
  part(c, cost_part::on_demand) = on_demand_per_second * means.mean_on_demand;
  part(c, cost_part::unused) = usd_per_second * rounding;
  part(c, cost_part::storage) = beside.storage_per_second * means.mean_wall;
  part(c, cost_part::snapshots) = beside.snapshots_per_second * means.mean_wall;
  part(c, cost_part::egress) = beside.egress;
  part(c, cost_part::inter_zone) = beside.inter_zone;
  part(c, cost_part::data_preparation) = beside.helpers_per_second * means.mean_wall;
  for (const double usd : c.cost_by_part) c.expected_cost_usd += usd;
  c.spot = spot_outlook{rate.mean_up_seconds,     job.checkpoint_seconds, std::nullopt, job.restart_seconds,
                        means.mean_interruptions, means.undisturbed,      rate.basis,   rate.assumed};
  if (job.interval_seconds > 0) c.spot->interval_seconds = job.interval_seconds;
}

std::vector<std::string> offer_pricer::notes() const {
  return {notes_.begin(), notes_.end()};
}

}  // namespace gpubench::planner
