#include "fleet/probe_plan.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "planner/duration_spread.hpp"
#include "planner/offer_filter.hpp"
#include "planner/price_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "cost/billing.hpp"
#include "fleet/probe_choice.hpp"

namespace gpubench::fleet {
namespace {

using planner::candidate;
using planner::recommendation;

std::string device_of(const candidate& c) {
  const profiles::instance& type = *c.instance;
  if (!type.has_gpu()) return type.cpu.empty() ? type.name() : type.cpu;
  std::string name = type.gpu;
  if (type.gpu_fraction < 1) name += fmt::format(", {} % of it", format_number(100 * type.gpu_fraction));
  if (!c.slice.empty()) name += ", " + c.slice;
  return name;
}

bool is_measured(const candidate& c) {
  return c.job.basis == planner::basis::measured || c.job.basis == planner::basis::interpolated;
}

bool is_by_the_hour(const profiles::price& offer) {
  return offer.model != profiles::price_model::commitment;
}

bool is_measurable(const profiles::catalogue& known, const profiles::instance& type) {
  if (!type.has_gpu()) return true;
  const profiles::gpu_spec* gpu = known.find_gpu(type.gpu);
  return gpu && gpu->vendor == "NVIDIA";  // the one back-end for GPUs is CUDA
}

/// Nodes, then GPUs or CPUs of one: what a larger system has, a smaller one is part of.
using system_size = std::tuple<int, int, double>;
system_size size_of(const candidate& c) {
  return {c.nodes, c.instance->gpu_count, c.instance->has_gpu() ? 0 : c.instance->vcpus.value_or(0)};
}

belief belief_of(const candidate& c, double measured_spread) {
  const double spread = planner::log_spread(c.cost_low_usd, c.cost_high_usd);
  return {c.expected_cost_usd, spread, is_measured(c) ? spread : std::min(spread, measured_spread)};
}

decision decision_of(const recommendation& answer, double measured_spread) {
  if (answer.ranked.empty())
    throw error(error_kind::internal, "a recommendation without offers has nothing to measure");
  std::vector<belief> beliefs;
  std::map<std::string, std::size_t> place;
  // By expected cost: the first offer of a device is its cheapest.
  for (const candidate& c : answer.ranked)
    if (place.emplace(device_of(c), beliefs.size()).second) beliefs.push_back(belief_of(c, measured_spread));
  return {&answer, choice(std::move(beliefs)), std::move(place), 1};
}

/// What is rented to measure a device.
struct hourly_offer {
  const candidate* as = nullptr;  ///< whose instances they are
  const profiles::price* price = nullptr;
  double node_usd_per_hour = 0;
};

/// Where a device is measured: of the largest system that some workload would rent it as, the cheapest offer by the
/// hour. Of offers that were ranked, and where none of those is by the hour, of the catalogue: who commits for years
/// measures before, on demand or on spot.
class rented_systems {
 public:
  void add(const recommendation& answer) {
    std::set<std::string> seen;
    for (const candidate& c : answer.ranked) {
      const std::string device = device_of(c);
      if (!seen.insert(device).second) continue;
      auto& largest = wanted_.emplace(device, &c).first->second;
      if (size_of(*largest) < size_of(c)) largest = &c;
    }
  }
  void find_offers(const recommendation& answer) {
    for_each_of_size(answer, [&](const std::string& device, const candidate& c) {
      if (c.price && is_by_the_hour(*c.price)) keep_cheaper(ranked_, device, {&c, c.price, c.node_usd_per_hour()});
    });
  }
  void find_listed_offers(const profiles::catalogue& known, const recommendation& answer,
                          std::chrono::system_clock::time_point now) {
    planner::constraints limits = answer.limits;
    limits.price_models = {profiles::price_model::on_demand, profiles::price_model::spot};
    const planner::offer_filter filter(limits, known);
    planner::price_check prices_at(limits, now);
    for_each_of_size(answer, [&](const std::string& device, const candidate& c) {
      if (ranked_.count(device) > 0) return;
      for (const profiles::price* price : known.prices_of(*c.instance))
        if (filter.admits(*price) && prices_at.problem(*c.instance, *price).detail.empty())
          keep_cheaper(listed_, device, {&c, price, known.rates.to_usd(price->amount_per_hour, price->currency)});
    });
  }
  const std::map<std::string, const candidate*>& devices() const { return wanted_; }
  /// nullptr where none is by the hour
  const hourly_offer* offer(const std::string& device) const {
    if (const auto found = ranked_.find(device); found != ranked_.end()) return &found->second;
    const auto found = listed_.find(device);
    return found == listed_.end() ? nullptr : &found->second;
  }

 private:
  using offers = std::map<std::string, hourly_offer>;

  template <typename Use>
  void for_each_of_size(const recommendation& answer, Use use) const {
    for (const candidate& c : answer.ranked)
      if (const std::string device = device_of(c); size_of(c) == size_of(*wanted_.at(device))) use(device, c);
  }
  static void keep_cheaper(offers& among, const std::string& device, const hourly_offer& one) {
    auto& cheapest = among.emplace(device, one).first->second;
    if (one.node_usd_per_hour < cheapest.node_usd_per_hour) cheapest = one;
  }

  std::map<std::string, const candidate*> wanted_;
  offers ranked_, listed_;
};

probe make_probe(const profiles::catalogue& known, const std::string& device, const candidate& wanted,
                 const hourly_offer* offer, const std::vector<decision>& decisions, const probe_terms& terms) {
  probe made;
  const candidate& rented = offer ? *offer->as : wanted;
  made.type = rented.instance;
  made.nodes = rented.nodes;
  made.device = device;
  if (!is_measurable(known, *rented.instance)) made.verdict = probe_verdict::not_measurable;
  const cost::terms& agreed = decisions.front().answer->limits.terms;
  made.billed_seconds = cost::billed_seconds(cost::billing_of(agreed, rented.instance->provider),
                                             terms.setup_seconds + terms.suite_seconds);
  if (offer) {
    made.offer = offer->price;
    made.cost_usd = offer->node_usd_per_hour * made.nodes * made.billed_seconds / seconds_per_hour;
  }
  for (const decision& one : decisions) {
    const auto found = one.place.find(device);
    if (found == one.place.end()) continue;
    made.perfect_usd += one.jobs * one.among.perfect_of(found->second);
    const double alone = one.of_measuring({device});
    made.alone_usd += alone;
    if (alone >= usd_cent) made.workloads.push_back(one.answer->workload.name);
  }
  return made;
}

bool has_anything_to_tell(const std::string& device, const std::vector<decision>& decisions) {
  return std::any_of(decisions.begin(), decisions.end(), [&](const decision& one) {
    const auto found = one.place.find(device);
    return found != one.place.end() && one.among.alternatives()[found->second].spread_of_new_mean() > 0;
  });
}

double jobs_of(const probe_terms& terms, const std::vector<decision>& decisions) {
  if (!terms.spend_usd) return terms.jobs;
  double once = 0;
  for (const decision& one : decisions) once += one.answer->ranked.front().expected_cost_usd;
  return *terms.spend_usd / once;
}

/// Where a device that cannot be measured, or not be priced, would gain more than all that are left: it is no row near
/// the end of the chosen ones.
std::optional<std::string> note_on_left(const probe_plan& plan) {
  const probe* most = most_valuable_left(plan);
  if (most == nullptr) return {};
  const std::string gain = "$" + format_number(most->gain_usd);
  switch (most->verdict) {
    case probe_verdict::not_measurable:
      return fmt::format(
          "Knowing more of {} ({}) is expected to save {}, and gpubench has no back-end for it: a run of "
          "another tool tells as well (gpubench import).",
          most->device, most->type->name(), gain);
    case probe_verdict::price_unknown:
      return fmt::format("Measuring {} ({}) is expected to save {}; what that costs is not known.", most->device,
                         most->type->name(), gain);
    default:
      return {};
  }
}

std::vector<std::string> notes_of(const std::vector<recommendation>& answers) {
  std::set<std::string> unpriced;
  for (const recommendation& answer : answers)
    for (const planner::rejection& one : answer.rejected)
      if (one.reason == planner::rejection_reason::no_price) unpriced.insert(one.instance->name());
  if (unpriced.empty()) return {};
  return {fmt::format("{} without a usable price: what measuring them is worth is not known.",
                      count_of(unpriced.size(), "instance type"))};
}

}  // namespace

std::string_view to_string(probe_verdict verdict) {
  switch (verdict) {
    case probe_verdict::measure:
      return "measure";
    case probe_verdict::not_worth:
      return "not worth it";
    case probe_verdict::over_budget:
      return "over budget";
    case probe_verdict::too_many_instances:
      return "too many instances";
    case probe_verdict::price_unknown:
      return "price unknown";
    case probe_verdict::not_measurable:
      return "not measurable";
  }
  return "";
}

const probe* most_valuable_left(const probe_plan& plan) {
  const auto rest = plan.probes.begin() + static_cast<std::ptrdiff_t>(plan.chosen);
  const auto most =
      std::max_element(rest, plan.probes.end(), [](const probe& a, const probe& b) { return a.gain_usd < b.gain_usd; });
  return most == plan.probes.end() || most->gain_usd < usd_cent ? nullptr : &*most;
}

probe_plan plan_probes(const profiles::catalogue& known, const std::vector<recommendation>& answers,
                       const probe_terms& terms) {
  const double measured_spread = planner::log_spread(1 / terms.measured_width, terms.measured_width);
  std::vector<decision> decisions;
  rented_systems systems;
  for (const recommendation& answer : answers) {
    decisions.push_back(decision_of(answer, measured_spread));
    systems.add(answer);
  }
  for (const recommendation& answer : answers) systems.find_offers(answer);
  for (const recommendation& answer : answers) systems.find_listed_offers(known, answer, terms.now);
  const double jobs = jobs_of(terms, decisions);

  probe_plan plan;
  for (decision& one : decisions) {
    one.jobs = jobs;
    const candidate& best = one.answer->ranked.front();
    plan.stakes.push_back({one.answer->workload.name, &best, jobs, jobs * best.expected_cost_usd,
                           jobs * one.among.perfect(), one.place.size()});
    plan.regret_usd += plan.stakes.back().regret_usd;
  }
  for (const auto& [device, wanted] : systems.devices())
    if (has_anything_to_tell(device, decisions))
      plan.probes.push_back(make_probe(known, device, *wanted, systems.offer(device), decisions, terms));
  choose_probes(plan, decisions, terms);
  if (auto note = note_on_left(plan)) plan.notes.push_back(std::move(*note));
  for (std::string& note : notes_of(answers)) plan.notes.push_back(std::move(note));
  return plan;
}

}  // namespace gpubench::fleet
