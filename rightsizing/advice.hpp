#pragma once

#include "planner/recommend.hpp"
#include "profiles/catalogue.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rightsizing/bound.hpp"
#include "rightsizing/demand.hpp"
#include "rightsizing/placement.hpp"
#include "rightsizing/summary.hpp"

namespace gpubench::rightsizing {

inline constexpr double hours_a_month = 730;

/// What the user says beside what was observed.
struct advice_terms {
  std::string instance;  ///< what every machine is, "aws p4d.24xlarge"; empty: as labels say
  models::precision precision = models::precision::bf16;  ///< of what the tensor cores compute
  planner::constraints limits;                            ///< providers, regions, GPU pattern, price models
  /// The work may wait at its busiest: what counts is that all of it gets done in the same time.
  bool may_wait = false;
  std::chrono::system_clock::time_point now;
};

/// An instance type in place of a machine.
struct option {
  const profiles::instance* instance = nullptr;
  const profiles::price* price = nullptr;
  int instances = 1;
  double usd_per_month = 0;  ///< all of them, around the clock
  placement used;            ///< at the demand that it was chosen for: high, of perhaps low
  bool may_wait = false;     ///< chosen by what must be done on average, not by what comes at the busiest steps
  range busy;  ///< of the fullest GPU, at the busiest steps or on average; 1 where the high end does not fit
  /// Of the GPU's own time over the present one's; low where all that share a GPU work at once. Of `faster`, perhaps
  /// too, of the work as a whole, in which the GPU also waits.
  range speed;
  /// What its tensor cores compute in where they lack the precision asked for.
  std::optional<models::precision> other_precision;
};

enum class verdict {
  stop,     ///< nothing runs
  seldom,   ///< something does, so rarely that it is nearly always idle: off between, or a smaller one
  replace,  ///< another instance does the same work for less, whatever was not observed
  perhaps,  ///< one may: what was not observed decides
  faster,   ///< the present one is full, and another does the work faster for no more money a piece of work
  feed,     ///< its host holds it up: the same GPU with more CPUs
  keep,
  unknown,  ///< the GPU or the instance is not known, or nothing was observed
};
std::string_view to_string(verdict of);

/// One machine: the GPUs of one host, which are rented together.
struct machine_advice {
  std::string host;
  std::vector<device_summary> devices;
  std::vector<bound_finding> bounds;             ///< one a device
  const profiles::instance* instance = nullptr;  ///< what it is
  bool instance_assumed = false;                 ///< by its GPUs alone: the cheapest with as many
  int unseen_gpus = 0;                           ///< that the instance has, and nothing was observed of
  const profiles::price* price = nullptr;
  std::optional<double> usd_per_month;
  verdict answer = verdict::unknown;
  std::optional<option> choice;              ///< of replace, perhaps, faster and feed
  bool is_sooner = false;                    ///< of perhaps: what would be `faster`, had enough been seen
  std::optional<option> if_less_was_needed;  ///< cheaper than the choice, where the demand is at its low end
  /// Cheaper still, and certain, where the work may wait at its busiest.
  std::optional<option> if_work_may_wait;
  /// USD a month, low and high; of `seldom` by being off in the hours that were idle; of `faster`, perhaps too, for the
  /// work of a month, both instances stopped while there is none.
  std::optional<range> saving;
  std::string sentence;              ///< the answer, with its reason
  std::vector<std::string> missing;  ///< evidence, each once
};

struct advice {
  std::vector<machine_advice> machines;  ///< by saving, largest first
  std::vector<std::string> notes;
};

/// An answer without "perhaps" wants so much seen, and in at least this share of the window. Judgements.
inline constexpr double least_observed_seconds = 24 * 3600, least_covered = 0.5;
/// Nothing runs where no more steps than these are active: a driver's own work and a monitor's. Judgement.
inline constexpr double stray_busy_time = 0.005;

/// Asks for every machine which offer of the catalogue does what it did for less, or faster.
/// Whether an offer keeps up is judged by the busiest steps (95th percentile of those with work), whether it gets the
/// work done at all by the mean, and what the work costs by the time that there is any.
/// Judgements: a GPU may be 90 % busy, or as busy as it is now where that is more; memory is what was used at the most
/// and a tenth; where a framework had reserved it, all that the GPU has.
/// GPUs of a known instance of which nothing was observed may do anything: nothing is then promised for sure.
/// @throws error: usage as offer_filter does, for a GPU pattern that matches nothing, and for an instance that is not
/// known or has other or fewer GPUs than were observed.
advice advise(const std::vector<device_summary>& devices, const profiles::catalogue& known, const advice_terms& terms);

}  // namespace gpubench::rightsizing
