#include "planner/explanation.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "planner/break_even.hpp"
#include "planner/fed_plans.hpp"
#include "planner/prediction.hpp"

#include <algorithm>
#include <set>

#include "cost/own_hardware.hpp"

namespace gpubench::planner {
namespace {

std::string usd(double amount) {
  return std::string("$").append(format_number(amount, 3));
}

std::string name_of(const profiles::instance& type, const profiles::price& offer, int nodes,
                    const std::optional<helper_set>& helpers) {
  return (nodes > 1 ? std::to_string(nodes) + " x " : "") + offer_name(type, offer) +
         (helpers ? " with " + helpers->name() : "");
}

std::string name_of(const candidate& c) {
  return name_of(*c.instance, *c.price, c.nodes, c.helpers);
}

/// The part of an expected cost that goes with the hourly price.
double priced_by_the_hour(const candidate& c) {
  double usd = 0;
  for (const cost_part part : {cost_part::work, cost_part::checkpoints, cost_part::lost_work, cost_part::unused})
    usd += c.cost_by_part[static_cast<std::size_t>(part)];
  return usd;
}

/// Hourly price at which the candidate's expected cost is `expected_usd`; nothing where no price makes it that.
std::optional<double> price_for(const candidate& c, double expected_usd) {
  const double hourly = priced_by_the_hour(c), wanted = hourly + expected_usd - c.expected_cost_usd;
  if (!(hourly > 0) || !(wanted > 0)) return std::nullopt;
  return c.node_usd_per_hour() * wanted / hourly;
}

/// Rank 1's hourly price from which rank 2 costs less, and rank 2's below which it does.
std::optional<std::string> price_flip(const recommendation& answer) {
  if (answer.ranked.size() < 2) return std::nullopt;
  const candidate& first = answer.ranked[0];
  const candidate& second = answer.ranked[1];
  const auto limit = price_for(first, second.expected_cost_usd), own = price_for(second, first.expected_cost_usd);
  if (!limit) return std::nullopt;
  std::string text = name_of(second) + ", if " + offer_name(*first.instance, *first.price) + " cost over " +
                     usd(*limit) + " an hour (now " + usd(first.node_usd_per_hour()) + ", price of " +
                     first.price->origin.date + ")";
  if (own) text += " or its own price fell below " + usd(*own) + " (now " + usd(second.node_usd_per_hour()) + ")";
  return text;
}

/// "X, if the deadline were under 2 h (1.5 h, $3)".
std::string if_the_deadline_were(const char* side, double seconds, const std::string& name, const candidate& figures) {
  return name + ", if the deadline were " + side + " " + format_duration(seconds) + " (" +
         format_duration(figures.seconds_at_confidence) + ", " + usd(figures.expected_cost_usd) + ")";
}

bool stays_within_budget(const priced_plan& priced, const constraints& limits) {
  return priced.problem.empty() && priced.figures.probability_in_budget >= limits.confidence;
}

/// The cheapest offer that is sure to end sooner than rank 1, with as many nodes and helpers as it needs.
std::optional<std::string> deadline_flip(const recommendation& answer, const std::vector<const system_plan*>& plans,
                                         offer_pricer& pricer, const helper_hosts& hosts) {
  const double now = answer.ranked.front().seconds_at_confidence;
  std::string name;
  candidate best;
  const auto consider = [&](const candidate& c, const node_plan& plan, const std::optional<helper_set>& helpers) {
    const double usd_per_hour = c.node_usd_per_hour() * plan.nodes + (helpers ? helpers->usd_per_hour : 0);
    if (!name.empty() && least_usd(plan, *c.price, usd_per_hour) >= best.expected_cost_usd) return;
    // Only spot's own checkpoints may end a plan sooner than it says.
    const bool has_own_checkpoints =
        c.price->model == profiles::price_model::spot && plan.speed.host.checkpoint_share > 0;
    if (plan.seconds_at_confidence >= now && !has_own_checkpoints) return;
    const priced_plan priced =
        pricer.price(plan, *c.instance, *c.price, c.node_usd_per_hour(), helpers ? helpers->usd_per_hour : 0);
    if (!stays_within_budget(priced, answer.limits) || priced.figures.seconds_at_confidence >= now) return;
    if (!name.empty() && priced.figures.expected_cost_usd >= best.expected_cost_usd) return;
    best = priced.figures;
    name = name_of(*c.instance, *c.price, plan.nodes, helpers);
  };
  for (std::size_t i = 0; i < answer.ranked.size(); ++i) {
    const candidate& c = answer.ranked[i];
    // Sorted by cost: no later offer's best plan, and so no other plan of it, can cost less than the best found.
    if (!name.empty() && c.expected_cost_usd >= best.expected_cost_usd) break;
    for (const node_plan* plan : plans[i]->by_node_seconds) consider(c, *plan, std::nullopt);
    for_each_fed(*plans[i], hosts, *c.instance, *c.price, c.node_usd_per_hour(), answer.workload, answer.limits,
                 [&](const helper_plan& helpers, const node_plan& fed) { consider(c, fed, helpers.set); });
  }
  if (name.empty()) return std::nullopt;
  return if_the_deadline_were("under", now, name, best);
}

std::optional<std::string> later_flip(const recommendation& answer, const std::optional<cheaper_later::offer>& later,
                                      offer_pricer& pricer) {
  if (!later) return std::nullopt;
  const priced_plan priced = pricer.price(later->plan, *later->type, *later->price, later->usd_per_hour,
                                          later->helpers ? later->helpers->usd_per_hour : 0);
  const candidate& figures = priced.figures;
  if (!stays_within_budget(priced, answer.limits) ||
      figures.expected_cost_usd >= answer.ranked.front().expected_cost_usd)
    return std::nullopt;
  return if_the_deadline_were("over", figures.seconds_at_confidence,
                              name_of(*later->type, *later->price, later->plan.nodes, later->helpers), figures);
}

std::optional<std::string> spot_flip(const recommendation& answer) {
  const candidate& first = answer.ranked.front();
  if (first.price->model != profiles::price_model::spot) return std::nullopt;
  for (const candidate& c : answer.ranked) {
    if (c.price->model == profiles::price_model::spot) continue;
    return name_of(c) + ", if interruptions were not acceptable (" + usd(c.expected_cost_usd) + ")";
  }
  return std::nullopt;
}

std::string spot_note(const recommendation& answer, const std::set<std::string>& known, std::size_t assumed) {
  const cost::spot_terms& terms = answer.limits.terms.spot;
  std::string text = "Spot times and costs are simulated (" + std::to_string(terms.runs) + " runs, seed " +
                     std::to_string(terms.seed) + "), interruptions, checkpoints and " +
                     format_duration(terms.restart_seconds) + " for a new instance included. ";
  if (terms.trace)
    return text + "Interruptions are those of " + terms.trace->name + " (" +
           (terms.correlation == cost::trace_correlation::correlated ? "all nodes in one pool"
                                                                     : "each node in a pool of its own") +
           ").";
  if (!known.empty())
    text += "Interruptions: " + *known.begin() + (known.size() > 1 ? ", and others alike" : "") + ". ";
  if (assumed > 0)
    text += std::to_string(assumed) + " of those shown have no figure and are taken to lose " +
            format_number(cost::unknown_fraction * 100) + " % of instances a month. ";
  return text +
         "A month's share is taken as a constant hazard of instances that stand the whole month; instances are lost "
         "independently, and a new one is found at once unless a trace says otherwise.";
}

}  // namespace

std::string offer_name(const profiles::instance& type, const profiles::price& offer) {
  std::string name = type.provider + " " + type.type;
  if (type.provider == cost::own_provider) return name;
  std::string model = offer.term.empty() ? std::string(profiles::to_string(offer.model)) : offer.term;
  if (offer.term.empty()) std::replace(model.begin(), model.end(), '_', '-');
  name += " " + model;
  if (!offer.region.empty()) name += " in " + offer.region;
  return name;
}

std::vector<std::string> flip_points(const recommendation& answer, const std::vector<const system_plan*>& plans,
                                     const std::optional<cheaper_later::offer>& later, offer_pricer& pricer,
                                     offer_pricer& unhurried, const helper_hosts& hosts) {
  std::vector<std::string> points;
  if (answer.ranked.empty()) return points;
  for (const auto& point : {price_flip(answer), deadline_flip(answer, plans, pricer, hosts),
                            later_flip(answer, later, unhurried), spot_flip(answer)}) {
    if (point) points.push_back(*point);
  }
  return points;
}

std::vector<std::string> notes(const recommendation& answer, const system_planner& planner, const offer_pricer& pricer,
                               const profiles::catalogue& known) {
  std::vector<std::string> all;
  bool measured_gpu = false;
  for (const measured_device* m : planner.used()) {
    const auto is_this = [&](const candidate& c) { return m->on.gpu && c.instance->gpu == m->on.gpu->name; };
    measured_gpu = measured_gpu || std::any_of(answer.ranked.begin(), answer.ranked.end(), is_this);
    all.push_back("Measurements used: " + m->label + ".");
  }
  for (const measured_host& host : planner.hosts()) {
    if (host.instance_type.empty() && (host.read_bytes_per_second || host.checkpoint_bytes_per_second))
      all.push_back("Storage of " + host.label + " is not used: its instance type is not known (--instance).");
  }
  if (!measured_gpu) {
    all.push_back(
        "Times on GPUs are predictions of a model calibrated on public measurements; none was measured by "
        "gpubench.");
  }
  if (answer.ranked.empty()) return all;
  const std::size_t shown = std::min<std::size_t>(answer.ranked.size(), 10);
  const candidate& first = answer.ranked.front();
  if (!first.host_reason.empty())
    all.push_back((first.step.bound_by == bound::host ? "Rank 1 waits for its host: "
                                                      : "Rank 1 waits for its host in a part of its time: ") +
                  first.host_reason + ".");
  std::size_t old = 0;
  std::set<std::string> spots, assumed, narrow, foreign, hosts, stored;
  for (std::size_t i = 0; i < shown; ++i) {
    const candidate& c = answer.ranked[i];
    old += c.price_is_old ? 1 : 0;
    const storage_rates storage = storage_of(planner.hosts(), c.instance->provider, c.instance->type);
    if (storage.read_bytes_per_second || storage.checkpoint_bytes_per_second) stored.insert(c.instance->name());
    if (c.price->currency != "USD") foreign.insert(c.price->currency);
    if (c.step.basis == basis::data_sheet) {
      narrow.insert(c.instance->has_gpu() ? c.instance->gpu : c.instance->cpu);
    }
    if (c.spot) (c.spot->assumed ? assumed : spots).insert(c.instance->type + " " + c.spot->basis);
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
  if (!stored.empty())
    all.push_back("Storage as measured by the runs: " + join({stored.begin(), stored.end()}, ", ") + ".");
  if (!spots.empty() || !assumed.empty()) all.push_back(spot_note(answer, spots, assumed.size()));
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
      all.push_back("Commitments bill every hour of their term: costs here take " +
                    format_number(100 * answer.limits.terms.commitment_utilisation) +
                    " % of them to be used (--utilisation), so that this job pays its share.");
    }
  }
  for (std::string& sentence : break_even_sentences(answer)) all.push_back(std::move(sentence));
  if (answer.workload.kind == profiles::workload_kind::llm_serve) {
    all.push_back(
        "Serving times are those of the mean of some engines (docs/planning.md); an engine and its version move them.");
  }
  const std::vector<std::string> of_prices = pricer.notes();
  all.insert(all.end(), of_prices.begin(), of_prices.end());
  const cost::terms& agreed = answer.limits.terms;
  std::vector<std::string> left_out;
  if (agreed.stored_bytes + agreed.snapshot_bytes == 0) left_out.emplace_back("storage (--storage)");
  if (agreed.egress_bytes + agreed.inter_zone_bytes == 0) left_out.emplace_back("data transfer (--egress)");
  if (agreed.startup_seconds == 0) left_out.emplace_back("start-up (--startup)");
  if (!left_out.empty()) all.push_back("Not in the costs, as nothing was said of it: " + join(left_out, ", ") + ".");
  return all;
}

}  // namespace gpubench::planner
