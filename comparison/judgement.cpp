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

/// "+1.2 %". Rounding must not leave a sign before nothing: "-0.0".
std::string percent_text(double change) {
  const double tenths = std::round(change * 1000) / 10;
  return fmt::format("{:+.1f} %", tenths == 0 ? 0.0 : tenths);
}

std::string cycles_text(double change) {
  return "cycles " + percent_text(change);
}

/// A change of time that is none of the code.
void blame_clock(comparison_row& row) {
  row.outcome = verdict::ambiguous;
  row.because = fmt::format("the clock explains it: {:.0f} against {:.0f} MHz, {}", *row.base.clock_hertz / 1e6,
                            *row.fresh.clock_hertz / 1e6, cycles_text(*row.cycles_change));
}

/// "lower quartile of cycles +0.1 %".
std::string quartile_text(const view& quartile) {
  return fmt::format("lower quartile of {} {}", to_string(quartile.unit), percent_text(as_change(quartile.test.shift)));
}

/// A change of some samples, where code would change them all.
void blame_some_samples(comparison_row& row, const view& median, const view& quartile) {
  row.outcome = verdict::ambiguous;
  row.because = fmt::format(
      "the quickest quarter of its samples did not change ({}, median {}): something slowed some "
      "of the others",
      quartile_text(quartile), percent_text(as_change(median.test.shift)));
}

/// What the verdict rests on where that is not time at the median.
std::string judged_text(const comparison_row& row, const view& decisive) {
  if (decisive.at == sample_quantile::lower_quartile)
    return quartile_text(decisive) + ", which varies less than the median here";
  return cycles_text(*row.cycles_change) + ", which vary less than time here";
}

bool is_opposite(double a, double b) {
  return (a > 0) != (b > 0);
}

/// The 95 % interval leaves no room for a change of log time of at least the limit that way.
bool excludes(const interval& certain, double direction, double limit) {
  return direction > 0 ? certain.high < limit : certain.low > -limit;
}

/// Of a change that is certain and at least the threshold, in the decisive view: what the others say of it.
void judge_change(comparison_row& row, const candidate& c, double limit) {
  const auto& decisive = c.decisive();
  const double shift = decisive.test.shift;
  // A core that others take a share of is slower by as much; what is certainly more than that is ours.
  const double explained = c.load.explains(shift);
  const auto& certain = decisive.test.shift_interval;
  const bool is_any_certain = certain.low > 0 || certain.high < 0;
  const double least = is_any_certain ? std::min(std::abs(certain.low), std::abs(certain.high)) : 0;
  // An unknown load of the faster side counts as none, which leaves most to explain; that of the slower one has no
  // bound.
  if (c.load.counts() && !(shift > 0 ? c.load.fresh : c.load.base)) {
    row.outcome = verdict::ambiguous;
    row.because = c.load.text() + ", which can explain any change: measure on an idle machine";
    return;
  }
  if (c.load.counts() && least <= explained) {
    row.outcome = verdict::ambiguous;
    row.because = fmt::format("{}, which can explain up to {:.2g} times the time: measure on an idle machine",
                              c.load.text(), std::exp(explained));
    return;
  }
  const auto* median = c.find(decisive.unit, sample_quantile::median);
  const auto* quartile = c.find(decisive.unit, sample_quantile::lower_quartile);
  if (quartile && &decisive == median && excludes(quartile->test.shift_interval, shift, limit))
    return blame_some_samples(row, *median, *quartile);
  row.outcome = shift > 0 ? verdict::slower : verdict::faster;
  if (&decisive != &c.in_time()) row.because = judged_text(row, decisive);
  if (&decisive == quartile && excludes(median->test.shift_interval, shift, limit)) {
    row.outcome = verdict::ambiguous;
    row.because = fmt::format("the quickest quarter of its samples changed alone ({}, median {})",
                              quartile_text(*quartile), percent_text(as_change(median->test.shift)));
    return;
  }
  if (!row.cycles_change) return;
  if (decisive.unit == judged_unit::cycles) {
    // More cycles in less time: whether that is worse is not for us to say.
    if (is_opposite(c.find(judged_unit::time, decisive.at)->test.shift, shift)) blame_clock(row);
    return;
  }
  const double cycles = std::log1p(*row.cycles_change);
  if (std::abs(cycles) < limit || is_opposite(cycles, shift))
    blame_clock(row);
  else if (row.because.empty())
    row.because = "in cycles too: the code or a library changed";
}

void judge(comparison_row& row, const candidate& c, const criteria& by) {
  const auto& decisive = c.decisive();
  const auto& test = decisive.test;
  const double limit = std::log1p(by.threshold);
  if (decisive.unit == judged_unit::cycles)
    row.cycles_change = as_change(test.shift);
  else if (row.base.clock_hertz && row.fresh.clock_hertz)
    row.cycles_change = as_change(test.shift + std::log(*row.fresh.clock_hertz / *row.base.clock_hertz));
  const auto is_change = [&](double p, double shift) {
    return p <= by.false_discovery_rate && std::abs(shift) >= limit;
  };
  if (is_change(*row.adjusted_p, test.shift)) return judge_change(row, c, limit);
  // What varies more says that something changed, as it does when it is not the code.
  const auto& median = *c.find(decisive.unit, sample_quantile::median);
  if (&decisive != &median && is_change(median.test.p, median.test.shift) &&
      excludes(test.shift_interval, median.test.shift, limit))
    return blame_some_samples(row, median, decisive);
  const auto& time = *c.find(judged_unit::time, decisive.at);
  if (&decisive != &time && is_change(time.test.p, time.test.shift)) return blame_clock(row);
  const auto& bounds = test.shift_interval;
  if (bounds.low > -limit && bounds.high < limit) {
    if (c.load.could_hide(limit)) {
      row.outcome = verdict::ambiguous;
      row.because = c.load.text() + ", which can hide a change: measure on an idle machine";
      return;
    }
    row.outcome = verdict::same;
    if (&decisive != &c.in_time())
      row.because = judged_text(row, decisive);
    else if (row.cycles_change && std::abs(std::log1p(*row.cycles_change)) >= limit)
      row.because = cycles_text(*row.cycles_change) + ": another clock hides it";
    return;
  }
  row.outcome = verdict::ambiguous;
  // As many runs as bring the half width of the interval down to the distance between change and threshold.
  const auto base_runs = decisive.base.log_times.size(), fresh_runs = decisive.fresh.log_times.size();
  const double per_run =
      test.error.variance / (1 / static_cast<double>(base_runs) + 1 / static_cast<double>(fresh_runs));
  const double distance = std::max(std::abs(std::abs(test.shift) - limit), limit / 4);
  const double half = deviation_at(0.05, {per_run, test.error.degrees});
  const double more = 1 + static_cast<double>(std::min(base_runs, fresh_runs));
  row.runs_to_decide =
      static_cast<std::size_t>(std::min(1000.0, std::max(more, std::ceil(2 * half * half / (distance * distance)))));
}

}  // namespace

void judge_all(std::vector<candidate>& candidates, std::vector<comparison_row>& rows, const criteria& by) {
  const auto common = common_noise(candidates);
  const double level = candidates.empty() ? 1 : by.false_discovery_rate / static_cast<double>(candidates.size());
  std::vector<double> p;
  for (auto& c : candidates) {
    for (auto& v : c.views) v.test = test_change(v.base, v.fresh, strengthened(v.noise, common, by), level);
    p.push_back(c.decisive().test.p);
  }
  const auto adjusted = benjamini_hochberg(p);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& c = candidates[i];
    auto& row = rows[c.row];
    const auto& time = c.in_time().test;
    row.change = as_change(time.shift);
    row.change_interval = interval{as_change(time.shift_interval.low), as_change(time.shift_interval.high)};
    row.p = c.decisive().test.p;
    row.adjusted_p = adjusted[i];
    row.noise_floor = as_change(deviation_at(level, c.decisive().test.error));
    // What is measured lies about the true change, and must lie above both the noise floor and the threshold.
    const auto& error = c.decisive().test.error;
    row.detectable_change = as_change(std::max(deviation_at(level, error), std::log1p(by.threshold)) +
                                      deviation_at(2 * (1 - detection_probability), error));
    row.noise = c.decisive().noise.source;
    row.judged_in = c.decisive().unit;
    row.judged_at = c.decisive().at;
    judge(row, c, by);
  }
}

}  // namespace gpubench::comparison
