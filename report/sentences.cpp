#include "report/sentences.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "report/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "cost/own_hardware.hpp"

namespace gpubench::report {
namespace {

bool is_cpu(const planner::candidate& c) {
  return c.devices == 0;
}

std::string rent_sentence(const planner::recommendation& answer, const planner::candidate& best) {
  std::string text = offer_name(best);
  if (!is_cpu(best))
    text += fmt::format(" ({}{})", gpus_of(best), best.slice.empty() ? "" : ", cut into slices " + best.slice);
  if (best.helpers) text += " and " + best.helpers->name() + " for data preparation";
  text += fmt::format(", {}: {}, {}", region_of(best), duration_with_range(best.job),
                      money_with_range(best.expected_cost_usd, best.cost_low_usd, best.cost_high_usd));
  if (const auto limit = answer.limits.deadline_seconds)
    text +=
        fmt::format(", finishes within {} with {}", set_duration(*limit), probability(best.probability_in_deadline));
  if (answer.limits.budget_usd && answer.limits.deadline_seconds)
    text += fmt::format(", keeps both limits with {}", probability(best.probability_all_limits));
  else if (answer.limits.budget_usd)
    text += fmt::format(", stays within {} with {}", money(*answer.limits.budget_usd),
                        probability(best.probability_in_budget));
  return text;
}

std::string because_sentence(const planner::recommendation& answer, const planner::candidate& best) {
  std::vector<std::string> limits;
  if (answer.limits.deadline_seconds)
    limits.push_back(fmt::format("meet the deadline with at least {}", percent(answer.limits.confidence)));
  if (answer.limits.budget_usd) limits.push_back(fmt::format("cost at most {}", money(*answer.limits.budget_usd)));
  const auto& rate =
      answer.limits.rate_units_per_second ? answer.limits.rate_units_per_second : answer.workload.rate_units_per_second;
  if (rate)
    limits.push_back(fmt::format("keep up with {} {}s a second with {}", amount(*rate), answer.workload.unit,
                                 percent(answer.limits.confidence)));
  std::string text =
      fmt::format("least expected cost among {} offer{} that {}", fixed(static_cast<double>(answer.ranked.size()), 0),
                  answer.ranked.size() == 1 ? "" : "s", limits.empty() ? "can do the work" : join(limits, " and "));
  text += rate ? "; a step is bound by " : "; bound by ";
  text += bound_name(best.step.bound_by);
  if (const auto share = main_share(best)) text += fmt::format(" ({} of step time)", percent(*share));
  return text + fmt::format("; time {}", basis_phrase(best.job.basis));
}

// "262 over deadline", "3 without a checked price", the most frequent first.
std::vector<std::string> counted_reasons(const std::vector<planner::rejection>& rejected) {
  std::vector<std::pair<std::size_t, std::string>> counts;
  for (const auto& [reason, count] : count_by_reason(rejected)) counts.emplace_back(count, reason_name(reason));
  std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> parts;
  for (const auto& [count, name] : counts)
    parts.push_back(fmt::format("{} {}", fixed(static_cast<double>(count), 0), name));
  return parts;
}

std::string cpu_sentence(const planner::recommendation& answer) {
  const auto best = std::find_if(answer.ranked.begin(), answer.ranked.end(), is_cpu);
  if (best != answer.ranked.end())
    return fmt::format("{}, {}: {}, {}, rank {}; time {}", offer_name(*best), region_of(*best),
                       duration_with_range(best->job),
                       money_with_range(best->expected_cost_usd, best->cost_low_usd, best->cost_high_usd),
                       best - answer.ranked.begin() + 1, basis_phrase(best->job.basis));
  std::vector<planner::rejection> rejected;
  std::copy_if(answer.rejected.begin(), answer.rejected.end(), std::back_inserter(rejected),
               [](const planner::rejection& r) { return r.instance && !r.instance->has_gpu(); });
  // The other reasons are those of "Rejected".
  return rejected.empty() ? std::string()
                          : fmt::format("no offer without a GPU; rejected {}, {} of them",
                                        fixed(static_cast<double>(rejected.size()), 0), counted_reasons(rejected)[0]);
}

std::string spot_sentence(const planner::candidate& best) {
  if (!best.spot) return {};
  const auto& spot = *best.spot;
  std::string text = std::isfinite(spot.mean_up_seconds)
                         ? fmt::format("an instance lives {} on average", format_duration(spot.mean_up_seconds))
                         : std::string("nothing is ever lost");
  text += fmt::format(" ({}); ", spot.basis);
  if (spot.interval_seconds && std::isfinite(*spot.interval_seconds))
    text += fmt::format("a checkpoint of {} every {} of work; ", format_duration(spot.checkpoint_seconds),
                        format_duration(*spot.interval_seconds));
  return text + fmt::format("{} interruptions expected, none with {}", fixed(spot.interruptions, 2),
                            probability(spot.undisturbed_probability));
}

std::string next_best_sentence(const planner::recommendation& answer) {
  if (!answer.next_best) return {};
  const auto& other = answer.ranked.at(answer.next_best->place);
  return fmt::format(
      "{}, {}: {}, {}; cheaper than rank 1 with {}, so that choosing rank 1 costs {} too much on average",
      system_name(other), region_of(other), duration_with_range(other.job),
      money_with_range(other.expected_cost_usd, other.cost_low_usd, other.cost_high_usd),
      probability(answer.next_best->probability_cheaper), money(answer.next_best->expected_regret_usd));
}

std::string measure_sentence(const planner::recommendation& answer) {
  std::vector<std::string> parts;
  for (const auto& one : answer.worth_measuring) {
    const auto& c = answer.ranked.at(one.place);
    parts.push_back(fmt::format("{} (rank {}; {} rented, {})", c.instance ? c.instance->name() : unknown_mark,
                                one.place + 1, format_duration(one.seconds), money(one.cost_usd)));
  }
  return parts.empty() ? std::string()
                       : "gpubench run on " + join(parts, " and on ") + ", then --results with the run files";
}

std::string rule_sentence(const planner::recommendation& answer, const planner::rule_choice& one) {
  const auto& c = one.choice;
  const auto& best = answer.ranked.front();
  std::string text = fmt::format("{}: {}, {}: {}, {}", one.rule, offer_name(c), region_of(c),
                                 format_duration(c.job.seconds), money(c.expected_cost_usd));
  if (c.instance == best.instance && c.price == best.price && c.nodes == best.nodes && !best.helpers)
    return text + ": the same offer";
  const double more = c.expected_cost_usd - best.expected_cost_usd;
  text += fmt::format(" ({} {} than rank 1)", money(std::abs(more)), more < 0 ? "less" : "more");
  if (answer.limits.deadline_seconds || answer.limits.budget_usd)
    text += fmt::format(", keeps the limits with {}", probability(c.probability_all_limits));
  return text;
}

std::string rejected_sentence(const planner::recommendation& answer) {
  return answer.rejected.empty() ? std::string()
                                 : fmt::format("{}: {}", fixed(static_cast<double>(answer.rejected.size()), 0),
                                               join(counted_reasons(answer.rejected), ", "));
}

std::string price_sentence(const planner::recommendation& answer) {
  std::string oldest, newest;
  std::size_t old = 0;
  for (const auto& c : answer.ranked) {
    const std::string date = price_date_of(c);
    old += c.price_is_old ? 1 : 0;
    if (date.empty()) continue;
    if (oldest.empty() || date < oldest) oldest = date;
    if (date > newest) newest = date;
  }
  if (oldest.empty()) return {};
  std::string text = oldest == newest ? "prices of " + oldest : fmt::format("prices of {} to {}", oldest, newest);
  if (old > 0)
    text += fmt::format("; {} of {} are older than {} days", old, answer.ranked.size(), answer.limits.stale_after_days);
  return text;
}

}  // namespace

sentences sentences_of(const planner::recommendation& answer) {
  sentences said;
  said.otherwise = answer.flip_points;
  said.notes = answer.notes;
  said.cpu = cpu_sentence(answer);
  said.rejected = rejected_sentence(answer);
  said.prices = price_sentence(answer);
  if (answer.ranked.empty()) {
    said.rent = answer.considered == 0 ? "nothing: the catalogue has no offer that the filters let through"
                                       : fmt::format("nothing: none of {} offers can do this within the limits",
                                                     fixed(static_cast<double>(answer.considered), 0));
    return said;
  }
  said.feasible = true;
  said.rent = rent_sentence(answer, answer.ranked.front());
  said.because = because_sentence(answer, answer.ranked.front());
  said.cost = cost_parts_of(answer.ranked.front(), answer.limits.terms.startup_seconds > 0);
  said.spot = spot_sentence(answer.ranked.front());
  said.next_best = next_best_sentence(answer);
  said.measure = measure_sentence(answer);
  for (const auto& one : answer.rules) said.rules.push_back(rule_sentence(answer, one));
  if (answer.not_separable > 1)
    said.not_separable = fmt::format(
        "the cost intervals of ranks 1–{} overlap: measuring on them would settle their order", answer.not_separable);
  return said;
}

/// What start-up costs is counted with what is lost.
std::string_view part_name(planner::cost_part part, const planner::candidate& c, bool has_startup) {
  if (part != planner::cost_part::lost_work || !has_startup) return planner::to_string(part);
  return c.spot ? "start-up and lost work" : "start-up";
}

std::string cost_parts_of(const planner::candidate& c, bool has_startup) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < c.cost_by_part.size(); ++i) {
    const double usd = c.cost_by_part[i];
    // Less than a thousandth of the whole tells nobody anything.
    if (std::isfinite(usd) && usd > 1e-3 * c.expected_cost_usd)
      parts.push_back(fmt::format("{} {}", part_name(static_cast<planner::cost_part>(i), c, has_startup), money(usd)));
  }
  return join(parts, ", ");
}

std::string spaced(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string price_model_name(const profiles::price& p) {
  if (p.model == profiles::price_model::commitment && !p.term.empty()) return p.term;
  if (p.model == profiles::price_model::on_demand) return "on-demand";
  return spaced(profiles::to_string(p.model));
}

std::string offer_name(const planner::candidate& c) {
  std::string text = c.nodes > 1 ? fmt::format("{} × ", c.nodes) : std::string();
  text += c.instance ? c.instance->name() : unknown_mark;
  if (!c.price || c.price->provider == cost::own_provider) return text;
  return text + " " + price_model_name(*c.price);
}

std::string system_name(const planner::candidate& c) {
  return c.helpers ? offer_name(c) + " + " + c.helpers->name() : offer_name(c);
}

std::string gpus_of(const planner::candidate& c) {
  if (is_cpu(c) || !c.instance) return unknown_mark;
  const double fraction = c.instance->gpu_fraction;
  if (fraction >= 1) return fmt::format("{} × {}", c.devices, c.instance->gpu);
  const double slices = 1 / fraction;
  const bool whole = std::abs(slices - std::round(slices)) < 0.02;
  return fmt::format("{} × {} of {}", c.devices, whole ? fmt::format("1/{:.0f}", slices) : percent(fraction),
                     c.instance->gpu);
}

std::string region_of(const planner::candidate& c) {
  return c.price && !c.price->region.empty() ? c.price->region : "any region";
}

std::string price_date_of(const planner::candidate& c) {
  return c.price ? c.price->origin.date : std::string();
}

std::string bound_name(predictor::bound b) {
  return b == predictor::bound::memory ? "memory bandwidth" : spaced(predictor::to_string(b));
}

std::string basis_phrase(predictor::basis b) {
  switch (b) {
    case predictor::basis::measured:
      return "measured";
    case predictor::basis::interpolated:
      return "interpolated between measurements";
    case predictor::basis::scaled:
      return "scaled from measurements on another device of its kind";
    case predictor::basis::calibrated:
      return "from a model calibrated on measurements of this device or its class";
    case predictor::basis::architecture:
      return "from a model calibrated on another device of the same architecture";
    case predictor::basis::data_sheet:
      return "from the data sheet, without measurements of its kind";
  }
  return basis_name(b);
}

std::string basis_name(predictor::basis b) {
  return spaced(predictor::to_string(b));
}

std::string rejected_offer_name(const planner::rejection& r) {
  std::string text = r.instance ? r.instance->name() : unknown_mark;
  if (r.price) text += fmt::format(" {}, {}", price_model_name(*r.price), r.price->region);
  return text;
}

std::map<planner::rejection_reason, std::size_t> count_by_reason(const std::vector<planner::rejection>& rejected) {
  std::map<planner::rejection_reason, std::size_t> counts;
  for (const auto& r : rejected) ++counts[r.reason];
  return counts;
}

std::string reason_name(planner::rejection_reason r) {
  switch (r) {
    case planner::rejection_reason::memory:
      return "out of memory";
    case planner::rejection_reason::latency:
      return "over the latency limit";
    case planner::rejection_reason::rate:
      return "too slow for the rate";
    case planner::rejection_reason::deadline:
      return "over deadline";
    case planner::rejection_reason::budget:
      return "over budget";
    case planner::rejection_reason::no_price:
      return "without a checked price";
    case planner::rejection_reason::old_price:
      return "with a price too old to plan on";
    case planner::rejection_reason::later_price:
      return "with a price of a later day";
    case planner::rejection_reason::no_data:
      return "without data to estimate from";
    case planner::rejection_reason::unsupported:
      return "unsupported";
    case planner::rejection_reason::interruptions:
      return "interrupted too often";
  }
  return spaced(planner::to_string(r));
}

std::optional<double> main_share(const planner::candidate& c) {
  for (const auto& share : c.shares)
    if (share.by == c.step.bound_by && std::isfinite(share.fraction)) return share.fraction;
  return std::nullopt;
}

}  // namespace gpubench::report
