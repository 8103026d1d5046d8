#include "comparison/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "comparison/false_discovery.hpp"

namespace gpubench::comparison {
namespace {

double as_change(double log_shift) {
  return std::expm1(log_shift);
}

/// What is bound by the clock varies with it from run to run, and less so in cycles. Half the variance is asked for, so
/// that chance seldom chooses, and as many runs.
bool is_quieter(const run_variance& cycles, const run_variance& time) {
  return cycles.known && time.known && cycles.known->degrees >= time.known->degrees &&
         2 * cycles.known->variance < time.known->variance;
}

/// From here on a change of what a CPU did must be certainly more than other work explains.
constexpr double most_competing_load = 0.25;
constexpr double most_explained_load = 0.95;

/// Of what the heavier load costs, this much may differ between two equal loads: other work comes and goes, for
/// minutes, so that runs in a row do not show it, and takes caches and memory as well as time.
constexpr double unsteady_part_of_load = 0.5;

/// CPU time that others took while these were measured, as a fraction of all cores; median.
std::optional<double> competing_load_of(const measurements& ok) {
  std::vector<double> loads;
  for (const auto* m : ok)
    if (m->device == "cpu" && m->telemetry.competing_load) loads.push_back(*m->telemetry.competing_load);
  return loads.empty() ? std::nullopt : std::optional(summarize(loads).median);
}

/// By how much, of log time, work slows down at most where others take this share of the cores: what is left is
/// 1 - share. Unknown loads count as none.
double slowed_by(const std::optional<double>& load) {
  return -std::log1p(-std::min(load.value_or(0), most_explained_load));
}

/// How much slower, of log time, the side that is the slower one can be by other work alone: by what its load is more
/// than the other's, as the lighter one slowed both, and by what loads of one size differ in.
double explained_by_load(const candidate& c, double shift) {
  const double base = slowed_by(c.base_load), fresh = slowed_by(c.fresh_load);
  const double more = shift > 0 ? fresh - base : base - fresh;
  return std::max(0.0, more) + unsteady_part_of_load * std::max(base, fresh);
}

/// "other work kept 0 % of the cores busy at the base and 70 % at the new side".
std::string loads_text(const candidate& c) {
  const auto share = [](const std::optional<double>& load) {
    return load ? fmt::format("{:.0f} %", *load * 100) : std::string("an unknown part");
  };
  return fmt::format("other work kept {} of the cores busy at the base and {} at the new side", share(c.base_load),
                     share(c.fresh_load));
}

/// Whether other work on one side could hide a change that counts, or make up for it.
bool load_could_hide(const candidate& c, double limit) {
  return c.competing_load() > most_competing_load &&
         std::abs(slowed_by(c.base_load) - slowed_by(c.fresh_load)) >= limit;
}

/// Degrees of freedom that any knowledge of noise counts as, so that the t distribution keeps heavy tails.
constexpr double most_degrees = 8;

/// How often at least a detectable change is found.
constexpr double detection_probability = 0.95;

/// The noise of one run for a benchmark, strengthened by what the others say.
variance_estimate strengthened(run_variance& own, const std::optional<variance_estimate>& common, const criteria& by) {
  if (own.known && common) {
    const double weight = common->degrees, degrees = weight + own.known->degrees;
    const double variance = (weight * common->variance + own.known->degrees * own.known->variance) / degrees;
    // Few runs rarely show the one that is far off: no benchmark counts as quieter than the machine commonly is, nor
    // its noise as normally distributed.
    return {std::max({variance, common->variance, own.sampling}), std::min(degrees, most_degrees)};
  }
  if (own.known) return {own.known->variance, std::min(own.known->degrees, most_degrees)};
  if (common) {
    own.source = noise_source::other_benchmarks;
    return {std::max(common->variance, own.sampling), std::min(common->degrees, most_degrees)};
  }
  own.source = noise_source::assumed;
  return {by.assumed_run_deviation * by.assumed_run_deviation + own.sampling, std::numeric_limits<double>::infinity()};
}

/// The variances' common distribution; never surer than all estimates together.
std::optional<variance_estimate> common_noise(const std::vector<candidate>& candidates) {
  std::vector<variance_estimate> known;
  double degrees = 0;
  for (const auto& c : candidates) {
    const auto& noise = c.decisive().noise;
    if (!noise.known) continue;
    known.push_back(*noise.known);
    degrees += noise.known->degrees;
  }
  auto common = common_variance(known);
  if (common) common->degrees = std::min(common->degrees, degrees);
  return common;
}

/// "cycles +1.2 %". Rounding must not leave a sign before nothing: "-0.0".
std::string cycles_text(double change) {
  const double tenths = std::round(change * 1000) / 10;
  return fmt::format("cycles {:+.1f} %", tenths == 0 ? 0.0 : tenths);
}

/// A change of time that is none of the code.
void blame_clock(comparison_row& row) {
  row.outcome = verdict::ambiguous;
  row.because = fmt::format("the clock explains it: {:.0f} against {:.0f} MHz, {}", *row.base.clock_hertz / 1e6,
                            *row.fresh.clock_hertz / 1e6, cycles_text(*row.cycles_change));
}

std::string judged_in_cycles(const comparison_row& row) {
  return cycles_text(*row.cycles_change) + ", which vary less than time here";
}

/// Of a change that is certain and at least the threshold, in the decisive unit: what the other unit says of it.
void judge_change(comparison_row& row, const candidate& c, double limit) {
  const double shift = c.decisive().test.shift;
  // A core that others take a share of is slower by as much; what is certainly more than that is ours.
  const double explained = explained_by_load(c, shift);
  const auto& certain = c.decisive().test.shift_interval;
  const bool is_any_certain = certain.low > 0 || certain.high < 0;
  const double least = is_any_certain ? std::min(std::abs(certain.low), std::abs(certain.high)) : 0;
  const bool is_loaded = c.competing_load() > most_competing_load;
  // An unknown load of the faster side counts as none, which leaves most to explain; that of the slower one has no
  // bound.
  if (is_loaded && !(shift > 0 ? c.fresh_load : c.base_load)) {
    row.outcome = verdict::ambiguous;
    row.because = loads_text(c) + ", which can explain any change: measure on an idle machine";
    return;
  }
  if (is_loaded && least <= explained) {
    row.outcome = verdict::ambiguous;
    row.because = fmt::format("{}, which can explain up to {:.2g} times the time: measure on an idle machine",
                              loads_text(c), std::exp(explained));
    return;
  }
  row.outcome = shift > 0 ? verdict::slower : verdict::faster;
  if (!row.cycles_change) return;
  if (c.cycles) {
    row.because = judged_in_cycles(row);
    // More cycles in less time: whether that is worse is not for us to say.
    if ((c.time.test.shift > 0) != (shift > 0)) blame_clock(row);
    return;
  }
  const double cycles = std::log1p(*row.cycles_change);
  if (std::abs(cycles) >= limit && (cycles > 0) == (shift > 0))
    row.because = "in cycles too: the code or a library changed";
  else
    blame_clock(row);
}

void judge(comparison_row& row, const candidate& c, const criteria& by) {
  const auto& [base, fresh, noise, test] = c.decisive();
  const double limit = std::log1p(by.threshold);
  if (c.cycles)
    row.cycles_change = as_change(test.shift);
  else if (row.base.clock_hertz && row.fresh.clock_hertz)
    row.cycles_change = as_change(test.shift + std::log(*row.fresh.clock_hertz / *row.base.clock_hertz));
  const auto is_change = [&](double p, double shift) {
    return p <= by.false_discovery_rate && std::abs(shift) >= limit;
  };
  if (is_change(*row.adjusted_p, test.shift)) return judge_change(row, c, limit);
  if (c.cycles && is_change(c.time.test.p, c.time.test.shift)) return blame_clock(row);
  const auto& bounds = test.shift_interval;
  if (bounds.low > -limit && bounds.high < limit) {
    if (load_could_hide(c, limit)) {
      row.outcome = verdict::ambiguous;
      row.because = loads_text(c) + ", which can hide a change: measure on an idle machine";
      return;
    }
    row.outcome = verdict::same;
    if (c.cycles)
      row.because = judged_in_cycles(row);
    else if (row.cycles_change && std::abs(std::log1p(*row.cycles_change)) >= limit)
      row.because = cycles_text(*row.cycles_change) + ": another clock hides it";
    return;
  }
  row.outcome = verdict::ambiguous;
  // As many runs as bring the half width of the interval down to the distance between change and threshold.
  const double per_run = test.error.variance / (1 / static_cast<double>(base.log_medians.size()) +
                                                1 / static_cast<double>(fresh.log_medians.size()));
  const double distance = std::max(std::abs(std::abs(test.shift) - limit), limit / 4);
  const double half = deviation_at(0.05, {per_run, test.error.degrees});
  const double more = 1 + static_cast<double>(std::min(base.log_medians.size(), fresh.log_medians.size()));
  row.runs_to_decide =
      static_cast<std::size_t>(std::min(1000.0, std::max(more, std::ceil(2 * half * half / (distance * distance)))));
}

}  // namespace

candidate candidate_of(std::size_t row, const pair_of_sides& sides, const benchmark_noise* profiled) {
  candidate made{row,
                 {data_of(sides.base), data_of(sides.fresh), {}, {}},
                 std::nullopt,
                 competing_load_of(sides.base),
                 competing_load_of(sides.fresh)};
  made.time.noise = run_variance_of(made.time.base, made.time.fresh, profiled);
  auto base = cycles_of(sides.base), fresh = cycles_of(sides.fresh);
  if (!base || !fresh) return made;
  std::optional<benchmark_noise> in_cycles;
  if (profiled && profiled->cycles_deviation) {
    in_cycles = *profiled;
    in_cycles->run_deviation = *profiled->cycles_deviation;
  }
  in_one_unit cycles{std::move(*base), std::move(*fresh), {}, {}};
  cycles.noise = run_variance_of(cycles.base, cycles.fresh, in_cycles ? &*in_cycles : nullptr);
  if (is_quieter(cycles.noise, made.time.noise)) made.cycles = std::move(cycles);
  return made;
}

void judge_all(std::vector<candidate>& candidates, std::vector<comparison_row>& rows, const criteria& by) {
  const auto common = common_noise(candidates);
  const double level = candidates.empty() ? 1 : by.false_discovery_rate / static_cast<double>(candidates.size());
  std::vector<double> p;
  for (auto& c : candidates) {
    for (auto* unit : {&c.time, c.cycles ? &*c.cycles : nullptr})
      if (unit) unit->test = test_change(unit->base, unit->fresh, strengthened(unit->noise, common, by), level);
    p.push_back(c.decisive().test.p);
  }
  const auto adjusted = benjamini_hochberg(p);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& c = candidates[i];
    auto& row = rows[c.row];
    row.change = as_change(c.time.test.shift);
    row.change_interval =
        interval{as_change(c.time.test.shift_interval.low), as_change(c.time.test.shift_interval.high)};
    row.p = c.decisive().test.p;
    row.adjusted_p = adjusted[i];
    row.noise_floor = as_change(deviation_at(level, c.decisive().test.error));
    // What is measured lies about the true change, and must lie above both the noise floor and the threshold.
    const auto& error = c.decisive().test.error;
    row.detectable_change = as_change(std::max(deviation_at(level, error), std::log1p(by.threshold)) +
                                      deviation_at(2 * (1 - detection_probability), error));
    row.noise = c.decisive().noise.source;
    row.judged_in = c.cycles ? judged_unit::cycles : judged_unit::time;
    judge(row, c, by);
  }
}

}  // namespace gpubench::comparison
