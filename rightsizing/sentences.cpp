#include "rightsizing/sentences.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace gpubench::rightsizing {
namespace {

std::string percent(double fraction) {
  return fmt::format("{:.0f} %", 100 * fraction);
}

std::string dollars(double usd) {
  return "$" + format_number(usd, 3);
}

std::string dollars(const range& usd) {
  if (std::abs(usd.high - usd.low) < 0.01 * std::abs(usd.high)) return dollars(usd.low);
  return fmt::format("{} to {}", dollars(usd.low), dollars(usd.high));
}

std::string times(const range& speed) {
  if (speed.high - speed.low < 0.01 * speed.high) return fmt::format("{:.1f} times", speed.low);
  return fmt::format("{:.1f} to {:.1f} times", speed.low, speed.high);
}

/// "1/8 of a GPU, L4, " of an instance whose GPUs are shares.
std::string share_in_words(const profiles::instance& type) {
  if (type.gpu_fraction >= 1) return {};
  const double parts = 1 / type.gpu_fraction;
  const bool whole = std::abs(parts - std::round(parts)) < 0.02;
  return fmt::format("{} of a GPU, {}, ", whole ? fmt::format("1/{:.0f}", parts) : percent(type.gpu_fraction),
                     type.gpu);
}

std::string unseen(const machine_advice& of) {
  return fmt::format("nothing was seen of {} of {} GPUs", of.unseen_gpus, of.instance->gpu_count);
}

/// What most of the devices were bound by.
std::string reasons(const machine_advice& of) {
  std::vector<std::string> parts;
  std::size_t idle = 0;
  for (const auto& bound : of.bounds) {
    if (bound.by == work_bound::idle)
      ++idle;
    else if (parts.empty())
      parts.push_back(bound.reason);
  }
  if (idle > 0) parts.push_back(fmt::format("{} of {} GPUs idle", idle, of.bounds.size()));
  if (of.unseen_gpus > 0) parts.push_back(unseen(of));
  return join(parts, "; ");
}

std::string used_by(const option& of) {
  auto text = fmt::format("{} busy {}", percent(of.busy.high), of.may_wait ? "on average" : "at its busiest");
  if (of.used.how != a_gpu_each) text = fmt::format("{}, {}", of.used.how, text);
  if (of.other_precision) text += fmt::format(", computing in {}", models::to_string(*of.other_precision));
  return text;
}

/// @param usd_per_month  of what would be off
std::string off_hours(const machine_advice& of, const std::optional<double>& usd_per_month) {
  const double least = idle_hours_of(of.devices);
  constexpr double worth_saying = 0.2;
  // Work that waits is done in the hours that were idle.
  if (least < worth_saying || !usd_per_month || of.unseen_gpus > 0 || (of.choice && of.choice->may_wait)) return {};
  return fmt::format(
      " It had nothing to do in {} of the week's hours that were seen, two or more in a row: off in them it costs {} a "
      "month{} less.",
      percent(least), dollars(least * *usd_per_month), of.choice ? " beside that" : "");
}

/// What would do where not all must be done at once.
std::string if_it_waits(const machine_advice& of) {
  if (!of.if_work_may_wait) return {};
  const auto& other = *of.if_work_may_wait;
  return fmt::format(
      " If the work may wait at its busiest (--may-wait), {} does all of it for {} a month, {} busy on average.",
      name_of(other), dollars(other.usd_per_month), percent(other.busy.high));
}

}  // namespace

std::string name_of(const option& of) {
  return fmt::format(
      "{}{} ({}{}, {})", of.instances > 1 ? fmt::format("{} x ", of.instances) : "", of.instance->name(),
      share_in_words(*of.instance), of.price->region,
      of.price->model == profiles::price_model::on_demand ? "on demand" : profiles::to_string(of.price->model));
}

std::string idleness_of(const device_summary& of) {
  if (!of.activity) return {};
  if (of.activity->mean < threshold::idle_activity) return "idle";
  return of.activity->mean < threshold::half_idle_activity ? "half idle" : "";
}

std::string sentence_of(const machine_advice& of) {
  switch (of.answer) {
    case verdict::stop:
      return fmt::format("Stop it{}: {}.",
                         of.saving ? fmt::format(" and save {} a month", dollars(of.saving->low)) : "",
                         of.bounds.front().reason);
    case verdict::seldom:
      return fmt::format("Turn it off between, or take a smaller one: {}, in {} of the steps.{}",
                         of.bounds.front().reason, percent(working_time(of.devices)), off_hours(of, of.usd_per_month));
    case verdict::replace: {
      auto text = fmt::format("Move to {} and save {} a month: {} ({}).", name_of(*of.choice), dollars(*of.saving),
                              reasons(of), used_by(*of.choice));
      if (of.if_less_was_needed)
        text += fmt::format(" {} may do too: what was not observed decides.", name_of(*of.if_less_was_needed));
      return text + off_hours(of, of.choice->usd_per_month) + if_it_waits(of);
    }
    case verdict::perhaps:
      if (of.is_sooner)
        return fmt::format(
            "{} may do the work in {} to {} less time, a month of it for up to {} less, both stopped while there is "
            "none, but too little was seen ({}): {}.",
            name_of(*of.choice), percent(1 - 1 / of.choice->speed.low), percent(1 - 1 / of.choice->speed.high),
            dollars(of.saving->high), observed_time_of(of.devices), reasons(of));
      return fmt::format("{} may do the same for {} a month less, but what was observed cannot say: {}.{}{}",
                         name_of(*of.choice), dollars(of.saving->high), reasons(of), off_hours(of, of.usd_per_month),
                         if_it_waits(of));
    case verdict::faster:
      return fmt::format(
          "Move to {}: the work takes {} less time and a month of it costs {} less, both stopped while there is none "
          "(it "
          "works {} of the time): {}.{}",
          name_of(*of.choice), percent(1 - 1 / of.choice->speed.low) + " to " + percent(1 - 1 / of.choice->speed.high),
          dollars(*of.saving), percent(working_time(of.devices)), reasons(of), if_it_waits(of));
    case verdict::feed:
      return fmt::format("Give it more CPUs: {} costs {} a month instead of {} and does the work up to {} as fast: {}.",
                         name_of(*of.choice), dollars(of.choice->usd_per_month), dollars(*of.usd_per_month),
                         times({of.choice->speed.high, of.choice->speed.high, of.choice->speed.high}), reasons(of));
    case verdict::keep:
      return fmt::format("Keep it: no offer does this work for less: {}.{}{}", reasons(of),
                         off_hours(of, of.usd_per_month), if_it_waits(of));
    case verdict::unknown:
      break;
  }
  for (const auto& each : of.devices) {
    if (!each.activity)
      return fmt::format("No answer: nothing says when GPU {} worked{}.", each.gpu,
                         of.devices.size() > 1 ? ", and what one does decides for all" : "");
  }
  const bool idle =
      std::all_of(of.bounds.begin(), of.bounds.end(), [](const auto& each) { return each.by == work_bound::idle; });
  if (idle)
    return fmt::format("No answer: idle as far as was seen, which is too little ({}{}).", observed_time_of(of.devices),
                       of.unseen_gpus > 0 ? "; " + unseen(of) : "");
  const bool is_little = of.unseen_gpus > 0 || std::any_of(of.devices.begin(), of.devices.end(), [](const auto& each) {
                           return each.observed_seconds < least_observed_seconds || each.covered < least_covered;
                         });
  if (of.usd_per_month && is_little)
    return fmt::format("No answer: too little was seen ({}); {}.", observed_time_of(of.devices), reasons(of));
  if (of.instance == nullptr)
    return fmt::format("No answer: {} is not in the catalogue, or no price of it; {}.",
                       of.devices.front().model.empty() ? "the GPU's model is not said and" : of.devices.front().model,
                       reasons(of));
  return fmt::format("No answer: no price of {} is known; {}.", of.instance->name(), reasons(of));
}

}  // namespace gpubench::rightsizing
