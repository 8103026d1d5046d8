#include "planner/explanation.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "planner/prediction.hpp"

#include <algorithm>
#include <set>

namespace gpubench::planner {
namespace {

std::string usd(double amount) {
  return "$" + format_number(amount, 3);
}

/// Rank 1's hourly price from which rank 2 costs less.
std::optional<std::string> price_flip(const recommendation& answer) {
  if (answer.ranked.size() < 2) return std::nullopt;
  const candidate& first = answer.ranked[0];
  const candidate& second = answer.ranked[1];
  const double now = first.usd_per_hour / first.nodes;
  const double limit = now * second.usd_per_million_units / first.usd_per_million_units;
  return offer_name(*second.instance, *second.price) + ", if " + offer_name(*first.instance, *first.price) +
         " cost over " + usd(limit) + " an hour (now " + usd(now) + ", price of " + first.price->origin.date + ")";
}

/// The cheapest offer that is sure to end sooner than rank 1, with as many nodes as it needs.
std::optional<std::string> deadline_flip(const recommendation& answer, const std::vector<const system_plan*>& plans) {
  const candidate& first = answer.ranked.front();
  const double now = duration_at_confidence(first.job, answer.limits.confidence);
  const candidate* best = nullptr;
  const node_plan* best_plan = nullptr;
  double best_cost = 0;
  for (std::size_t i = 0; i < answer.ranked.size(); ++i) {
    const candidate& c = answer.ranked[i];
    // Sorted by cost: no later offer's cheapest plan, and so no other plan of it, can cost less than the best found.
    if (best && c.usd_per_million_units >= best_cost) break;
    for (const node_plan& plan : plans[i]->feasible) {
      if (plan.seconds_at_confidence >= now) continue;
      const double cost = c.usd_per_hour / c.nodes * plan.nodes / seconds_per_hour / plan.worth_units_per_second * 1e6;
      if (!best || cost < best_cost) {
        best = &c;
        best_plan = &plan;
        best_cost = cost;
      }
    }
  }
  if (!best) return std::nullopt;
  const std::string nodes = best_plan->nodes > 1 ? std::to_string(best_plan->nodes) + " x " : "";
  return nodes + offer_name(*best->instance, *best->price) + ", if the deadline were under " + format_duration(now) +
         " (" + format_duration(best_plan->seconds_at_confidence) + ", " + usd(best_cost) + " per million " +
         answer.workload.unit + "s)";
}

std::optional<std::string> spot_flip(const recommendation& answer) {
  const candidate& first = answer.ranked.front();
  if (first.price->model != profiles::price_model::spot) return std::nullopt;
  for (const candidate& c : answer.ranked) {
    if (c.price->model == profiles::price_model::spot) continue;
    return offer_name(*c.instance, *c.price) + ", if interruptions were not acceptable (" +
           usd(c.usd_per_million_units) + " per million " + answer.workload.unit + "s)";
  }
  return std::nullopt;
}

}  // namespace

std::string offer_name(const profiles::instance& type, const profiles::price& offer) {
  std::string name = type.provider + " " + type.type + " " + std::string(profiles::to_string(offer.model));
  std::replace(name.begin() + static_cast<std::ptrdiff_t>(type.provider.size() + type.type.size() + 2), name.end(), '_',
               '-');
  if (!offer.region.empty()) name += " in " + offer.region;
  return name;
}

std::vector<std::string> flip_points(const recommendation& answer, const std::vector<const system_plan*>& plans) {
  std::vector<std::string> points;
  if (answer.ranked.empty()) return points;
  for (const auto& point : {price_flip(answer), deadline_flip(answer, plans), spot_flip(answer)}) {
    if (point) points.push_back(*point);
  }
  return points;
}

std::vector<std::string> notes(const recommendation& answer, const system_planner& planner,
                               const profiles::catalogue& known) {
  std::vector<std::string> all;
  bool measured_gpu = false;
  for (const measured_device& m : planner.measured()) {
    measured_gpu = measured_gpu || !m.on.is_cpu;
    all.push_back("Measurements used: " + m.label + ".");
  }
  if (!measured_gpu) {
    all.push_back(
        "Times on GPUs are predictions of a model calibrated on public measurements; none was measured by "
        "gpubench.");
  }
  if (answer.ranked.empty()) return all;
  const std::size_t shown = std::min<std::size_t>(answer.ranked.size(), 10);
  const candidate& first = answer.ranked.front();
  if (!first.host_reason.empty()) all.push_back("Rank 1 waits for its host: " + first.host_reason + ".");
  std::size_t old = 0;
  std::set<std::string> spots, narrow, foreign, hosts;
  for (std::size_t i = 0; i < shown; ++i) {
    const candidate& c = answer.ranked[i];
    old += c.price_is_old ? 1 : 0;
    if (c.price->currency != "USD") foreign.insert(c.price->currency);
    if (c.step.basis == basis::data_sheet) {
      narrow.insert(c.instance->has_gpu() ? c.instance->gpu : c.instance->cpu);
    }
    if (c.price->model == profiles::price_model::spot) spots.insert(c.instance->type);
    if (answer.workload.host_cpu_seconds_per_unit > 0 && !physical_cores(*c.instance, known)) {
      hosts.insert(c.instance->type + " (" + format_number(planner.host_cores(*c.instance)) + ")");
    }
  }
  if (old > 0) {
    all.push_back(std::to_string(old) + " of the first " + std::to_string(shown) + " prices are older than " +
                  std::to_string(answer.limits.stale_after_days) + " days: check them before renting.");
  }
  if (first.price_is_old) {
    all.push_back("The price of rank 1 is of " + first.price->origin.date + ", " +
                  format_number(first.price_age_days, 4) + " days ago: the ranking stands and falls with it.");
  }
  if (!spots.empty()) all.push_back("Interruptions of spot instances are not in the times and costs.");
  for (const std::string& currency : foreign) {
    const auto& rate = known.rates.of(currency);
    all.push_back(currency + " prices are converted at " + format_number(rate.units_per_usd, 5) + " a USD (" +
                  rate.source + ", " + rate.date + ").");
  }
  if (!narrow.empty()) {
    std::string names;
    for (const std::string& name : narrow) names += (names.empty() ? "" : ", ") + name;
    all.push_back("Typical efficiencies, without measurements of that kind of device: " + names + ".");
  }
  if (!hosts.empty()) {
    all.push_back("CPU cores not stated by the provider, taken as usual beside these GPUs: " +
                  join({hosts.begin(), hosts.end()}, ", ") + ".");
  }
  for (const profiles::price_model model : answer.limits.price_models) {
    if (model == profiles::price_model::commitment) {
      all.push_back("Commitments bill every hour of their term; costs here count only the hours of the job.");
    }
  }
  if (answer.workload.kind == profiles::workload_kind::llm_serve) {
    all.push_back(
        "Serving times are those of the mean of some engines (docs/planning.md); an engine and its version move them.");
  }
  all.push_back("Storage, data transfer and start-up are not in the costs.");
  return all;
}

}  // namespace gpubench::planner
