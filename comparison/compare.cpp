#include "comparison/compare.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "comparison/benchmark_data.hpp"
#include "comparison/false_discovery.hpp"

namespace gpubench::comparison {
namespace {

using results::measurement;
using results::measurement_status;

/// Measurements of one benchmark, by side; `all` has those without a usable time too.
struct pair_of_sides {
  measurements base, fresh, all_base, all_fresh;
};

bool has_times(const measurement& m) {
  return m.status == measurement_status::ok && !m.samples_ns.empty() &&
         std::all_of(m.samples_ns.begin(), m.samples_ns.end(), [](double sample) { return sample > 0; });
}

bool is_wrong(const measurement* m) {
  return m->status == measurement_status::failed && m->verification && !m->verification->passed();
}

/// What another tool measured and told without its samples.
bool holds_summary(const measurements& all) {
  return std::any_of(all.begin(), all.end(),
                     [](const measurement* m) { return m->status == measurement_status::ok && m->samples_ns.empty(); });
}

void require_distinct_runs(const side& s) {
  if (s.runs.empty()) throw error(error_kind::usage, fmt::format("{} holds no run", s.name));
  std::set<std::string> ids;
  for (const auto& run : s.runs)
    if (!ids.insert(run.id).second)
      throw error(error_kind::usage, fmt::format("{}: run {} is given twice", s.name, run.id),
                  "one run counted twice is no second run: leave one out");
}

/// Benchmarks in the order of the first run that has them.
std::vector<std::pair<benchmark_key, pair_of_sides>> match(const side& base, const side& fresh) {
  std::vector<std::pair<benchmark_key, pair_of_sides>> found;
  std::map<benchmark_key, std::size_t> places;
  const auto gather = [&](const side& s, measurements pair_of_sides::*usable, measurements pair_of_sides::*all) {
    for (const auto& run : s.runs) {
      for (const auto& m : run.measurements) {
        const auto [place, is_new] = places.emplace(key_of(m), found.size());
        if (is_new) found.push_back({place->first, {}});
        auto& sides = found[place->second].second;
        (sides.*all).push_back(&m);
        if (has_times(m)) (sides.*usable).push_back(&m);
      }
    }
  };
  gather(base, &pair_of_sides::base, &pair_of_sides::all_base);
  gather(fresh, &pair_of_sides::fresh, &pair_of_sides::all_fresh);
  return found;
}

std::optional<double> median_of(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  return summarize(values).median;
}

side_facts facts_of(const measurements& usable, const measurements& all) {
  side_facts facts;
  facts.runs = usable.size();
  std::vector<double> medians, clocks;
  for (const auto* m : usable) {
    facts.samples += m->samples_ns.size();
    medians.push_back(summarize(m->samples_ns).median);
    if (const auto clock = clock_of(*m)) clocks.push_back(*clock);
  }
  facts.time_ns = median_of(medians);
  if (clocks.size() == usable.size()) facts.clock_hertz = median_of(clocks);
  if (!usable.empty()) return facts;
  if (all.empty()) {
    facts.reason = "not measured";
  } else if (all.front()->status == measurement_status::ok) {
    facts.reason = "a time of 0, below the clock's resolution";
  } else {
    facts.reason = fmt::format("{}: {}", results::to_string(all.front()->status), all.front()->reason);
  }
  return facts;
}

void add_missing(std::vector<difference>& known, const std::vector<difference>& more) {
  for (const auto& d : more)
    if (std::find(known.begin(), known.end(), d) == known.end()) known.push_back(d);
}

/// What differs between any two runs, as far as it matters to the device; runs of one side among themselves included.
std::vector<difference> all_machine_differences(const side& base, const side& fresh, const std::string& device) {
  std::vector<difference> found;
  const auto& reference = base.runs.front();
  for (const auto* s : {&base, &fresh})
    for (const auto& run : s->runs) add_missing(found, machine_differences(reference, run, device));
  return found;
}

std::string keys_in(const std::vector<difference>& differences, const std::set<std::string>& allowed) {
  std::vector<std::string> keys;
  for (const auto& d : differences)
    if (d.forbids && allowed.count(d.key) == 0 && std::find(keys.begin(), keys.end(), d.key) == keys.end())
      keys.push_back(d.key);
  return join(keys, ", ");
}

double as_change(double log_shift) {
  return std::expm1(log_shift);
}

/// Both sides in one unit, and what becomes of them.
struct in_one_unit {
  side_data base, fresh;
  run_variance noise;
  change_test test;
};

/// A row whose sides can be held against each other, between the two passes over all benchmarks.
struct candidate {
  std::size_t row = 0;
  in_one_unit time;
  std::optional<in_one_unit> cycles;  ///< where the runs lie closer together in cycles than in time
  double competing_load = 0;          ///< on the CPU, of the side that had more; fraction of all cores
  const in_one_unit& decisive() const { return cycles ? *cycles : time; }
};

/// What is bound by the clock varies with it from run to run, and less so in cycles. Half the variance is asked for, so
/// that chance seldom chooses, and as many runs.
bool is_quieter(const run_variance& cycles, const run_variance& time) {
  return cycles.known && time.known && cycles.known->degrees >= time.known->degrees &&
         2 * cycles.known->variance < time.known->variance;
}

/// From here on a change of what a CPU did must be certainly more than twice what cores shared with others explain:
/// other work comes and goes, for minutes, so that runs in a row do not show how much it can change.
constexpr double most_competing_load = 0.25;
constexpr double most_explained_load = 0.95;

/// CPU time that others took while these were measured, as a fraction of all cores; median.
double competing_load_of(const measurements& ok) {
  std::vector<double> loads;
  for (const auto* m : ok)
    if (m->device == "cpu" && m->telemetry.competing_load) loads.push_back(*m->telemetry.competing_load);
  return median_of(loads).value_or(0);
}

candidate candidate_of(std::size_t row, const pair_of_sides& sides, const benchmark_noise* profiled) {
  candidate made{row,
                 {data_of(sides.base), data_of(sides.fresh), {}, {}},
                 std::nullopt,
                 std::max(competing_load_of(sides.base), competing_load_of(sides.fresh))};
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

/// Degrees of freedom that any knowledge of noise counts as, so that the t distribution keeps heavy tails.
constexpr double most_degrees = 8;

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
    return {std::max(common->variance, own.sampling), common->degrees};
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

/// A change of time that is none of the code.
void blame_clock(comparison_row& row) {
  row.outcome = verdict::ambiguous;
  row.because = fmt::format("the clock explains it: {:.0f} against {:.0f} MHz, cycles {:+.1f} %",
                            *row.base.clock_hertz / 1e6, *row.fresh.clock_hertz / 1e6, *row.cycles_change * 100);
}

std::string judged_in_cycles(const comparison_row& row) {
  return fmt::format("cycles {:+.1f} %, which vary less than time here", *row.cycles_change * 100);
}

/// Of a change that is certain and at least the threshold, in the decisive unit: what the other unit says of it.
void judge_change(comparison_row& row, const candidate& c, double limit) {
  const double shift = c.decisive().test.shift;
  // A core that others take a share of is slower by as much; what is certainly more than that is ours.
  const double explained = -2 * std::log1p(-std::min(c.competing_load, most_explained_load));
  const auto& certain = c.decisive().test.shift_interval;
  if (c.competing_load > most_competing_load && std::min(std::abs(certain.low), std::abs(certain.high)) <= explained) {
    row.outcome = verdict::ambiguous;
    row.because =
        fmt::format("other work kept {:.0f} % of the cores busy: measure on an idle machine", c.competing_load * 100);
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
    row.outcome = verdict::same;
    if (c.cycles)
      row.because = judged_in_cycles(row);
    else if (row.cycles_change && std::abs(std::log1p(*row.cycles_change)) >= limit)
      row.because = fmt::format("cycles {:+.1f} %: another clock hides it", *row.cycles_change * 100);
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

/// Whether both sides are the same measurements: then there is nothing to test.
bool are_identical(const pair_of_sides& sides) {
  return std::equal(sides.base.begin(), sides.base.end(), sides.fresh.begin(), sides.fresh.end(),
                    [](const measurement* base, const measurement* fresh) { return *base == *fresh; });
}

/// Fills what is known before any test.   @return whether the row is to be tested.
bool describe(comparison_row& row, const pair_of_sides& sides, const std::vector<difference>& machine,
              const criteria& by) {
  row.base = facts_of(sides.base, sides.all_base);
  row.fresh = facts_of(sides.fresh, sides.all_fresh);
  row.work = (sides.base.empty() ? sides.fresh : sides.base).empty()
                 ? results::work_done{}
                 : (sides.base.empty() ? sides.fresh : sides.base).front()->work;
  if (const auto wrong = std::find_if(sides.all_fresh.begin(), sides.all_fresh.end(), is_wrong);
      wrong != sides.all_fresh.end()) {
    row.outcome = verdict::wrong_result;
    row.because = (*wrong)->reason;
    return false;
  }
  if ((sides.fresh.empty() && holds_summary(sides.all_fresh)) ||
      (sides.base.empty() && holds_summary(sides.all_base))) {
    row.outcome = verdict::not_comparable;
    row.because = "an imported summary without samples says nothing about noise";
    return false;
  }
  if (sides.fresh.empty()) {
    row.outcome = verdict::missing;
    row.because = row.fresh.reason;
    return false;
  }
  if (sides.base.empty()) {
    row.outcome = verdict::added;
    row.because = row.base.reason;
    return false;
  }
  for (const auto* list : {&sides.base, &sides.fresh})
    for (const auto* m : *list) add_missing(row.differences, method_differences(*sides.base.front(), *m));
  auto all = machine;
  all.insert(all.end(), row.differences.begin(), row.differences.end());
  if (forbids(all, by.allowed)) {
    row.outcome = verdict::not_comparable;
    row.because = "differing: " + keys_in(all, by.allowed);
    return false;
  }
  if (!are_identical(sides)) return true;
  row.outcome = verdict::same;
  row.change = 0;
  row.change_interval = interval{0, 0};
  row.because = "the same measurements on both sides";
  return false;
}

std::vector<std::size_t> severity_order(const std::vector<comparison_row>& rows) {
  std::vector<std::size_t> order;
  for (const auto wanted : {verdict::wrong_result, verdict::slower, verdict::missing, verdict::not_comparable,
                            verdict::ambiguous, verdict::faster, verdict::added, verdict::same})
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].outcome == wanted) order.push_back(i);
  return order;
}

void require_noise_of(const results::run& run, const noise_profile& profile, const std::set<std::string>& allowed) {
  results::run then;
  then.tool_version = profile.tool_version;
  then.environment = profile.environment;
  const auto differences = machine_differences(then, run, "cpu");
  std::vector<difference> of_machine;
  for (const auto& d : differences)
    if (d.key == "cpu" || d.key == "usable_cpus" || d.key == "instance_type") of_machine.push_back(d);
  const auto other =
      std::find_if(of_machine.begin(), of_machine.end(), [&](const difference& d) { return forbids({d}, allowed); });
  if (other != of_machine.end())
    throw error(error_kind::input,
                fmt::format("the noise profile is of another machine: {} was {}, and is {}", other->key, other->base,
                            other->fresh),
                "measure the noise of this one: gpubench selftest");
}

}  // namespace

std::string_view to_string(verdict v) {
  switch (v) {
    case verdict::slower:
      return "slower";
    case verdict::faster:
      return "faster";
    case verdict::same:
      return "same";
    case verdict::ambiguous:
      return "ambiguous";
    case verdict::wrong_result:
      return "wrong";
    case verdict::missing:
      return "missing";
    case verdict::added:
      return "new";
    case verdict::not_comparable:
      return "not comparable";
  }
  return "";
}

std::string_view to_string(noise_source source) {
  switch (source) {
    case noise_source::runs:
      return "runs";
    case noise_source::profile:
      return "profile";
    case noise_source::other_benchmarks:
      return "other benchmarks";
    case noise_source::assumed:
      return "assumed";
  }
  return "";
}

std::map<verdict, std::size_t> comparison_result::counts() const {
  std::map<verdict, std::size_t> counted;
  for (const auto& row : rows) ++counted[row.outcome];
  return counted;
}

bool could_be_slower(const comparison_row& row, double threshold) {
  return row.outcome == verdict::slower ||
         (row.outcome == verdict::ambiguous && row.change_interval && row.change_interval->high > threshold);
}

comparison_result compare(const side& base, const side& fresh, const criteria& by) {
  require_distinct_runs(base);
  require_distinct_runs(fresh);
  if (by.noise) require_noise_of(fresh.runs.front(), *by.noise, by.allowed);
  comparison_result result;
  result.base = base.name;
  result.fresh = fresh.name;
  result.base_runs = base.runs.size();
  result.fresh_runs = fresh.runs.size();
  result.by = by;

  std::vector<comparison_row> rows;
  std::vector<candidate> candidates;
  std::map<std::string, std::vector<difference>> by_device;
  for (const auto& [key, sides] : match(base, fresh)) {
    if (sides.base.empty() && sides.fresh.empty() &&
        std::none_of(sides.all_fresh.begin(), sides.all_fresh.end(), is_wrong)) {
      ++result.unmeasured;
      continue;
    }
    if (by_device.count(key.device) == 0) {
      by_device[key.device] = all_machine_differences(base, fresh, key.device);
      add_missing(result.differences, by_device[key.device]);
    }
    comparison_row row;
    row.key = key;
    if (describe(row, sides, by_device[key.device], by)) {
      const auto* profiled = by.noise && by.noise->benchmarks.count(key) ? &by.noise->benchmarks.at(key) : nullptr;
      candidates.push_back(candidate_of(rows.size(), sides, profiled));
    }
    rows.push_back(std::move(row));
  }

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
    row.noise = c.decisive().noise.source;
    judge(row, c, by);
  }
  for (const auto place : severity_order(rows)) result.rows.push_back(std::move(rows[place]));
  return result;
}

}  // namespace gpubench::comparison
