#include "report/serving.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "report/figures.hpp"
#include "report/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>
#include <tuple>

#include "serving/sizing.hpp"

namespace gpubench::report {
namespace {

std::string upper(std::string_view text) {
  std::string all(text);
  std::transform(all.begin(), all.end(), all.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return all;
}

std::string milliseconds(double seconds) {
  return std::isfinite(seconds) ? format_number(seconds * 1e3) : std::string(unknown_mark);
}

// "11 + 1 spare"
std::string instances_of(const planner::serving_size& size) {
  return size.spares > 0 ? fmt::format("{} + {} spare", size.instances, size.spares) : std::to_string(size.instances);
}

std::string latencies(const planner::serving_answer& answer, const planner::serving_size& size) {
  std::vector<std::string> parts;
  for (const auto& limit : answer.latency_limits) {
    const double predicted = latency_of(size.predicted, limit.metric, limit.quantile);
    const double sure = latency_of(size.at_confidence, limit.metric, limit.quantile);
    if (!std::isfinite(predicted)) continue;
    parts.push_back(fmt::format("{} P{} {} predicted, {} at {}", upper(to_string(limit.metric)),
                                serving::plain_percent(limit.quantile), format_duration(predicted),
                                format_duration(sure), percent(answer.limits.confidence)));
  }
  return join(parts, "; ");
}

std::string service_sentence(const planner::serving_answer& answer) {
  std::vector<std::string> limits;
  for (const auto& limit : answer.latency_limits) limits.push_back(describe(limit));
  const auto& work = answer.workload;
  std::string text =
      fmt::format("{} ({}): {} requests/s of {} prompt and {} output tokens, {}; {} with {}",
                  work.title.empty() ? work.name : work.title, work.name, format_number(answer.requests_per_second),
                  fixed(answer.mean_prompt_tokens, 0), fixed(answer.mean_output_tokens, 0),
                  models::to_string(work.precision), join(limits, ", "), percent(answer.limits.confidence));
  if (answer.goal.level.availability)
    text += fmt::format("; available {} % of the time", serving::plain_percent(*answer.goal.level.availability));
  return text;
}

std::string rent_sentence(const planner::serving_answer& answer) {
  if (answer.ranked.empty())
    return answer.nearest_miss.empty() ? "nothing: no offer keeps the limits"
                                       : "nothing: no offer keeps the limits; " + answer.nearest_miss;
  const auto& best = answer.ranked.front();
  const auto offer = as_candidate(best);
  std::string text = offer_name(offer);
  if (offer.devices > 0) text += fmt::format(" ({})", gpus_of(offer));
  text += ", " + region_of(offer);
  if (best.size->spares > 0) text += fmt::format(", {}", instances_of(*best.size));
  return text + fmt::format(": {} a month, {} per million output tokens", money(best.usd_per_month),
                            money(best.usd_per_million_output_tokens));
}

std::string headroom_cell(double headroom) {
  if (headroom >= serving::most_headroom) return percent(serving::most_headroom) + " or more";
  return percent(std::max(0.0, headroom));
}

/// To two digits of what is missing, rounded down: 99.948 %.
std::string share_up(double share) {
  if (!std::isfinite(share)) return unknown_mark;
  const double missing_percent = 100 * (1 - share);
  if (!(missing_percent > 1e-7)) return ">99.9999999 %";
  const int decimals = std::clamp(1 - static_cast<int>(std::floor(std::log10(missing_percent))), 0, 9);
  const double steps = std::pow(10.0, decimals);
  return fmt::format("{:.{}f} %", std::floor(100 * share * steps + 1e-9) / steps, decimals);
}

std::string because_sentence(const planner::serving_answer& answer) {
  if (answer.ranked.empty()) return {};
  const auto& size = *answer.ranked.front().size;
  std::string text = fmt::format(
      "cheapest of {} offers that keep the limits; {} ({}, {} each); limits kept with {} or more; {}",
      fixed(static_cast<double>(answer.ranked.size()), 0), count_of(static_cast<std::size_t>(size.replicas), "replica"),
      size.split.tensor_parallel > 1 ? fmt::format("tensor parallel {}", size.split.tensor_parallel)
                                     : std::string("one device"),
      models::to_string(size.split.precision), percent(size.probability_kept), latencies(answer, size));
  text += fmt::format("; headroom {}; busy {} of the time", headroom_cell(size.headroom),
                      percent(std::min(1.0, size.utilisation)));
  if (answer.goal.level.availability)
    text += fmt::format("; enough instances up {} of the time", share_up(size.availability));
  return text;
}

std::string floor_sentence(const planner::serving_answer& answer) {
  std::vector<std::string> parts;
  for (const auto& floor : answer.floors)
    parts.push_back(
        fmt::format("{} {} on {}", upper(to_string(floor.limit.metric)), format_duration(floor.seconds), floor.system));
  return parts.empty() ? std::string() : "a request alone takes at least " + join(parts, ", ");
}

std::string rejected_sentence(const planner::serving_answer& answer) {
  std::vector<std::string> parts;
  for (const auto& [reason, count] : count_by_reason(answer.rejected))
    parts.push_back(fmt::format("{} {}", fixed(static_cast<double>(count), 0), reason_name(reason)));
  if (parts.empty()) return {};
  return fmt::format("{}: {}", fixed(static_cast<double>(answer.rejected.size()), 0), join(parts, ", "));
}

}  // namespace

std::string describe(const serving::latency_limit& limit) {
  return fmt::format("{} P{} within {}", upper(to_string(limit.metric)), serving::plain_percent(limit.quantile),
                     set_duration(limit.seconds));
}

planner::candidate as_candidate(const planner::serving_candidate& c) {
  planner::candidate offer;
  offer.instance = c.instance;
  offer.price = c.price;
  offer.nodes = static_cast<int>(c.size->instances + c.size->spares);
  offer.devices = c.instance->has_gpu() ? c.instance->gpu_count * offer.nodes : 0;
  offer.price_age_days = c.price_age_days;
  return offer;
}

service_sentences sentences_of(const planner::serving_answer& answer) {
  return {service_sentence(answer), rent_sentence(answer),     because_sentence(answer),
          floor_sentence(answer),   rejected_sentence(answer), answer.notes};
}

std::vector<std::size_t> service_places(const planner::serving_answer& answer, const style& look) {
  std::set<std::tuple<const profiles::instance*, std::string>> seen;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < answer.ranked.size(); ++i) {
    if (look.max_rows > 0 && places.size() >= look.max_rows) break;
    const auto& c = answer.ranked[i];
    if (seen.emplace(c.instance, price_model_name(*c.price)).second || look.wide) places.push_back(i);
  }
  return places;
}

grid service_grid(const planner::serving_answer& answer, const std::vector<std::size_t>& places) {
  grid cells;
  cells.columns = {{"#", true, 0},          {"offer", false, 0},  {"$/month", true, 0},
                   {"$/M tokens", true, 2}, {"P(kept)", true, 1}, {"headroom", true, 3}};
  for (const auto& limit : answer.latency_limits)
    cells.columns.push_back(
        {fmt::format("{} P{} ms", upper(to_string(limit.metric)), serving::plain_percent(limit.quantile)), true, 1});
  cells.columns.push_back({"instances", true, 4});
  cells.columns.push_back({"region", false, 5});
  cells.columns.push_back({"GPUs", false, 6});
  cells.columns.push_back({"layout", false, 7});
  for (const std::size_t i : places) {
    const auto& c = answer.ranked[i];
    const auto& size = *c.size;
    const auto offer = as_candidate(c);
    std::vector<std::string> row{std::to_string(i + 1),
                                 offer_name(offer),
                                 fixed(c.usd_per_month, 0),
                                 format_number(c.usd_per_million_output_tokens),
                                 probability(size.probability_kept),
                                 headroom_cell(size.headroom)};
    for (const auto& limit : answer.latency_limits)
      row.push_back(milliseconds(latency_of(size.predicted, limit.metric, limit.quantile)));
    row.push_back(instances_of(size));
    row.push_back(region_of(offer));
    row.push_back(gpus_of(offer));
    row.push_back(fmt::format("{} × {}", size.replicas,
                              size.split.tensor_parallel > 1
                                  ? fmt::format("tensor parallel {}", size.split.tensor_parallel)
                                  : std::string("one device")));
    cells.rows.push_back(std::move(row));
  }
  return cells;
}

}  // namespace gpubench::report
