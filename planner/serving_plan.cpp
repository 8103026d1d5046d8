#include "planner/serving_plan.hpp"

#include "core/units.hpp"
#include "planner/offer_filter.hpp"
#include "planner/price_check.hpp"
#include "planner/system_planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include "serving/availability.hpp"
#include "serving/mean_field.hpp"

namespace gpubench::planner {
namespace {

/// Traces are recorded of services that are busier. Assumed.
constexpr double slow_requests_per_second = 1.0 / 60;

using serving::latency_limit;
using serving::latency_metric;

constexpr double layouts_worth_trying = 0.5;  // of the rate of the best layout by the mean field

serving::traffic traffic_of(const profiles::workload& what, const serving_goal& goal) {
  const profiles::service_level& level = goal.level;
  if (goal.recorded) return {goal.recorded, level.requests_per_second};
  return {{level.requests_per_second.value_or(0), level.arrival_cv,
           serving::length_distribution::lognormal(static_cast<double>(what.prompt_tokens), level.prompt_tokens_cv),
           serving::length_distribution::lognormal(static_cast<double>(what.output_tokens), level.output_tokens_cv)},
          goal.seed};
}

std::string name_of(const latency_limit& limit) {
  return fmt::format("--{}-p{} {}", to_string(limit.metric), serving::plain_percent(limit.quantile),
                     format_duration(limit.seconds));
}

/// A kind of system: what its layouts do by the mean field, and what the simulation found.
struct kind_of_system : serving_system {
  std::vector<std::pair<double, const replica_plan*>> layouts;  ///< by requests a second of a node, most first
  double cheapest_usd_per_hour = std::numeric_limits<double>::infinity();  ///< of one node, over the admitted prices
  double estimated_usd_per_hour = 0;                                       ///< of all, by the mean field
  bool simulated = false;
  std::vector<std::shared_ptr<const serving_size>>
      sizes;  ///< of the layouts that keep the limits, fewest instances first
};

/// An admitted offer.
struct priced_offer {
  const profiles::instance* type = nullptr;
  const profiles::price* price = nullptr;
  kind_of_system* kind = nullptr;
  double usd_per_hour = 0, age_days = 0;
};

class search {
 public:
  search(const profiles::catalogue& known, const calibration& efficiencies, const profiles::workload& what,
         const serving_goal& goal, const constraints& limits, const std::vector<results::run>& runs,
         std::chrono::system_clock::time_point now)
      : known_(known),
        limits_(limits),
        goal_(goal),
        what_(with_level(what, goal)),
        arrivals_(traffic_of(what_, goal)),
        alone_(arrivals_.mean_prompt_tokens(), arrivals_.mean_output_tokens(), limits_of(goal.level, what),
               limits.confidence),
        prices_at_(limits_, now),
        planner_(known, efficiencies, what_, limits_, runs) {
    answer_.workload = what_;
    answer_.limits = limits;
    answer_.goal = goal;
    answer_.latency_limits = limits_of(goal.level, what);
    answer_.requests_per_second = arrivals_.rate_per_second();
    answer_.mean_prompt_tokens = arrivals_.mean_prompt_tokens();
    answer_.mean_output_tokens = arrivals_.mean_output_tokens();
    answer_.made_at = format_utc(now);
    if (answer_.latency_limits.empty())
      throw error(error_kind::usage, "a service without a latency limit could be served by any queue",
                  "state --ttft-p95, --tpot-p95 or --e2e-p95, or [service] in the workload's file");
  }

  serving_answer run() {
    collect_offers();
    find_floors();
    estimate_kinds();
    simulate_kinds();
    rank();
    return std::move(answer_);
  }

 private:
  // Memory, the prompts' share of a step and the spread of lengths are the level's, lengths those that arrive.
  static profiles::workload with_level(profiles::workload what, const serving_goal& goal) {
    what.service = goal.level;
    if (goal.recorded) {
      const serving::traffic arrivals(goal.recorded, {});
      what.prompt_tokens = std::max<std::int64_t>(1, std::llround(arrivals.mean_prompt_tokens()));
      what.output_tokens = std::max<std::int64_t>(1, std::llround(arrivals.mean_output_tokens()));
    }
    return what;
  }

  void reject(const profiles::instance& type, const profiles::price* price, rejection_reason reason,
              std::string detail) {
    answer_.rejected.push_back({&type, price, reason, std::move(detail)});
  }

  kind_of_system& kind_of(const profiles::instance& type) {
    auto& kind = kinds_[planner_.key_of(type)];
    if (!kind) {
      kind = std::make_unique<kind_of_system>();
      kind->example = &type;
      kind->plans = planner_.replicas(type);
      in_order_.push_back(kind.get());
    }
    return *kind;
  }

  void collect_offers() {
    const offer_filter filter(limits_, known_);
    for (const profiles::instance& type : known_.instances) {
      if (!filter.admits(type)) continue;
      const auto prices = known_.prices_of(type);
      if (prices.empty()) {
        ++answer_.considered;
        reject(type, nullptr, rejection_reason::no_price, "no price is known");
      }
      for (const profiles::price* price : prices) {
        if (!filter.admits(*price)) continue;
        ++answer_.considered;
        kind_of_system& kind = kind_of(type);
        if (kind.plans.all.empty()) {
          reject(type, price, kind.plans.reason, kind.plans.detail);
          continue;
        }
        if (rejection problem = prices_at_.problem(type, *price); !problem.detail.empty()) {
          answer_.rejected.push_back(std::move(problem));
          continue;
        }
        const double usd = known_.rates.to_usd(price->amount_per_hour, price->currency);
        kind.cheapest_usd_per_hour = std::min(kind.cheapest_usd_per_hour, usd);
        offers_.push_back({&type, price, &kind, usd, prices_at_.age_days(*price)});
      }
    }
  }

  // A limit that no request alone keeps, even where the model is wrong by as much as one time in twenty, is an error of
  // the question.
  void find_floors() {
    if (offers_.empty()) return;
    for (const latency_limit& limit : answer_.latency_limits) {
      const latency_floor floor = alone_.floor_of(limit, systems());
      if (limit.seconds < floor.low_seconds) {
        const bool all = limits_.gpu_pattern.empty() && limits_.providers.empty() && limits_.regions.empty();
        throw error(
            error_kind::infeasible,
            fmt::format("{} is below what any {} can reach for {} prompt tokens of {} (best {} on {})", name_of(limit),
                        all ? "catalogued offer" : "of the offers asked for", std::llround(answer_.mean_prompt_tokens),
                        what_.network, format_duration(floor.seconds), floor.system),
            fmt::format("a request alone takes that, before any other; the prediction's interval begins at {}",
                        format_duration(floor.low_seconds)));
      }
      answer_.floors.push_back(floor);
    }
  }

  std::vector<const serving_system*> systems() const { return {in_order_.begin(), in_order_.end()}; }

  void estimate_kinds() {
    for (kind_of_system* kind : in_order_) {
      for (const replica_plan& plan : kind->plans.all) {
        const auto model = serving::model_at(plan.model, plan.error, limits_.confidence);
        const auto point = serving::mean_field_capacity(model, arrivals_.mean_prompt_tokens(),
                                                        arrivals_.mean_output_tokens(), answer_.latency_limits);
        if (point) kind->layouts.emplace_back(point->requests_per_second * plan.split.data_parallel, &plan);
      }
      std::stable_sort(kind->layouts.begin(), kind->layouts.end(),
                       [](const auto& a, const auto& b) { return a.first > b.first; });
      if (!kind->layouts.empty())
        kind->estimated_usd_per_hour =
            kind->cheapest_usd_per_hour * std::ceil(arrivals_.rate_per_second() / kind->layouts.front().first);
    }
  }

  void simulate_kinds() {
    std::vector<kind_of_system*> promising;
    for (kind_of_system* kind : in_order_)
      if (!kind->layouts.empty() && std::isfinite(kind->cheapest_usd_per_hour)) promising.push_back(kind);
    std::stable_sort(promising.begin(), promising.end(), [](const kind_of_system* a, const kind_of_system* b) {
      return a->estimated_usd_per_hour < b->estimated_usd_per_hour;
    });
    double best = std::numeric_limits<double>::infinity();
    for (kind_of_system* kind : promising) {
      if (answer_.simulated >= goal_.simulated_systems && kind->estimated_usd_per_hour >= best) break;
      ++answer_.simulated;
      kind->simulated = true;
      for (const auto& [rate, plan] : kind->layouts) {
        if (rate < layouts_worth_trying * kind->layouts.front().first) break;
        if (auto size = size_of(*plan)) kind->sizes.push_back(std::move(size));
      }
      std::stable_sort(kind->sizes.begin(), kind->sizes.end(), [](const auto& a, const auto& b) {
        if (a->instances != b->instances) return a->instances < b->instances;
        return a->headroom > b->headroom;
      });
      if (kind->sizes.empty()) continue;
      const serving_size& size = *kind->sizes.front();
      best = std::min(best, kind->cheapest_usd_per_hour * static_cast<double>(size.instances + size.spares));
    }
  }

  std::shared_ptr<const serving_size> size_of(const replica_plan& plan) {
    serving::sizing sizing(plan.model, plan.error,
                           {.arrivals = &arrivals_,
                            .limits = answer_.latency_limits,
                            .confidence = limits_.confidence,
                            .simulated_requests = goal_.simulated_requests});
    const auto fewest = sizing.fewest_replicas();
    if (!fewest) return nullptr;
    auto size = std::make_shared<serving_size>();
    const std::int64_t per_node = plan.split.data_parallel;
    size->split = plan.split;
    size->basis = plan.basis;
    size->memory_per_device_bytes = plan.memory.total();
    size->fewest_replicas = *fewest;
    size->instances = (*fewest + per_node - 1) / per_node;
    size->replicas = size->instances * per_node;
    if (goal_.level.availability)
      size->spares = serving::spares_for(size->instances, goal_.instance_availability, *goal_.level.availability);
    size->availability =
        serving::availability_of(size->instances, size->instances + size->spares, goal_.instance_availability);
    size->probability_kept = sizing.probability_kept(size->replicas);
    size->headroom = sizing.headroom(size->replicas);
    size->utilisation = sizing.utilisation(size->replicas);
    size->predicted = sizing.simulate(size->replicas, 0.5);
    size->at_confidence = sizing.simulate(size->replicas, limits_.confidence);
    return size;
  }

  void rank() {
    std::map<const kind_of_system*, std::string> details;
    for (const priced_offer& offer : offers_) {
      const kind_of_system& kind = *offer.kind;
      if (kind.sizes.empty()) {
        if (!kind.layouts.empty() && !kind.simulated) {
          ++answer_.not_simulated;
          continue;
        }
        auto& detail = details[&kind];
        if (detail.empty()) detail = alone_.excess(kind);
        reject(*offer.type, offer.price, rejection_reason::latency, detail);
        continue;
      }
      serving_candidate c;
      c.instance = offer.type;
      c.price = offer.price;
      c.size = kind.sizes.front();
      c.usd_per_hour = offer.usd_per_hour * static_cast<double>(c.size->instances + c.size->spares);
      c.usd_per_month = c.usd_per_hour * hours_per_month;
      c.usd_per_million_output_tokens =
          c.usd_per_hour / (arrivals_.rate_per_second() * arrivals_.mean_output_tokens() * seconds_per_hour) * 1e6;
      c.price_age_days = offer.age_days;
      answer_.ranked.push_back(std::move(c));
    }
    std::stable_sort(answer_.ranked.begin(), answer_.ranked.end(),
                     [](const serving_candidate& a, const serving_candidate& b) {
                       if (a.usd_per_hour != b.usd_per_hour) return a.usd_per_hour < b.usd_per_hour;
                       return a.size->headroom > b.size->headroom;
                     });
    if (answer_.ranked.empty()) answer_.nearest_miss = alone_.nearest_miss(systems());
    say_notes();
  }

  void say_notes() {
    const auto say = [&](std::string text) { answer_.notes.push_back(std::move(text)); };
    for (const measured_device* one : planner_.used()) {
      answer_.measured_runs.insert(one->run_id);
      say("Measurements used: " + one->label);
    }
    say("times are those of the mean of the inference engines that the predictor knows; measure the one that you use");
    if (goal_.level.availability)
      say(
          fmt::format("spares: each instance is taken to be up {} % of the time, independently of the others "
                      "(--instance-availability)",
                      serving::plain_percent(goal_.instance_availability)));
    if (goal_.recorded && !goal_.recorded->is_whole)
      say(fmt::format("of the trace's {} requests the {} that arrive in the shortest time were simulated",
                      goal_.recorded->requests_in_file, goal_.recorded->requests.size()));
    if (goal_.recorded && !goal_.recorded->unit_is_stated &&
        goal_.recorded->rate_per_second() < slow_requests_per_second)
      say(fmt::format(
          "the trace has {} requests in {}: if its times are no seconds, name their column time_ms, time_us or "
          "time_ns",
          goal_.recorded->requests_in_file, format_duration(goal_.recorded->seconds_in_file)));
    if (!goal_.recorded && goal_.level.prompt_tokens_cv == 0 && goal_.level.output_tokens_cv == 0)
      say("all requests are of one length: state --prompt-cv and --output-cv, or a --trace, where yours differ");
    if (std::find(limits_.price_models.begin(), limits_.price_models.end(), profiles::price_model::spot) !=
        limits_.price_models.end())
      say("interruptions of spot instances are not simulated: --instance-availability stands for them");
    if (answer_.not_simulated > 0)
      say(fmt::format("{} further offers cost more by the mean field alone and were not simulated",
                      answer_.not_simulated));
  }

  const profiles::catalogue& known_;
  const constraints limits_;
  const serving_goal& goal_;
  const profiles::workload what_;
  const serving::traffic arrivals_;
  const lone_request alone_;
  price_check prices_at_;
  system_planner planner_;
  std::unordered_map<std::string, std::unique_ptr<kind_of_system>> kinds_;
  std::vector<kind_of_system*> in_order_;
  std::vector<priced_offer> offers_;
  serving_answer answer_;
};

}  // namespace

std::vector<latency_limit> limits_of(const profiles::service_level& level, const profiles::workload& what) {
  std::vector<latency_limit> limits;
  const auto add = [&](latency_metric metric, double quantile, const std::optional<double>& seconds) {
    if (seconds) limits.push_back({metric, quantile, *seconds});
  };
  add(latency_metric::ttft, 0.95, level.ttft_p95_seconds);
  add(latency_metric::ttft, 0.99, level.ttft_p99_seconds);
  add(latency_metric::tpot, 0.95, level.tpot_p95_seconds);
  add(latency_metric::tpot, 0.99, level.tpot_p99_seconds);
  add(latency_metric::e2e, 0.95, level.e2e_p95_seconds);
  add(latency_metric::e2e, 0.99, level.e2e_p99_seconds);
  if (limits.empty()) {
    add(latency_metric::ttft, 0.99, what.max_ttft_seconds);
    add(latency_metric::tpot, 0.99, what.max_tpot_seconds);
  }
  return limits;
}

serving_answer recommend_serving(const profiles::catalogue& known, const calibration& efficiencies,
                                 const profiles::workload& what, const serving_goal& goal, const constraints& limits,
                                 const std::vector<results::run>& runs, std::chrono::system_clock::time_point now) {
  return search(known, efficiencies, what, goal, limits, runs, now).run();
}

}  // namespace gpubench::planner
