#include "comparison/benchmark_data.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "comparison/rank_test.hpp"

namespace gpubench::comparison {
namespace {

using results::measurement;

// Two runs never agree better than this, whatever two or three of them seem to say: 0.01 %.
constexpr double least_run_deviation = 1e-4;

// A rank test that only complete separation could pass would reject real changes for one run out of line: it is asked
// where its smallest p leaves this much room.
bool can_tell(std::size_t base, std::size_t fresh, double level) {
  return 10 * smallest_rank_p(base, fresh) <= level;
}

void add_run(side_data& data, const std::vector<double>& samples, sample_quantile at) {
  const auto found = locate(samples, at);
  data.log_times.push_back(found.log_time);
  data.units.insert(data.units.end(), found.units.begin(), found.units.end());
  if (found.sampling_variance) data.sampling_variances.push_back(*found.sampling_variance);
}

}  // namespace

side_data data_of(const measurements& ok, sample_quantile at) {
  side_data data;
  for (const auto* m : ok) add_run(data, m->samples_ns, at);
  return data;
}

bool has_lower_quartile(const measurement& m) {
  constexpr std::size_t least_blocks = 5;
  return m.device == "cpu" && m.samples_ns.size() >= least_blocks * least_quartile_block;
}

std::optional<double> clock_of(const measurement& m) {
  std::vector<double> clocks;
  for (const auto& clock : m.clock_samples_hertz)
    if (clock && *clock > 0) clocks.push_back(*clock);
  return clocks.empty() ? m.telemetry.clock_hertz : summarize(clocks).median;
}

std::optional<side_data> cycles_of(const measurements& ok, sample_quantile at) {
  side_data data;
  for (const auto* m : ok) {
    const auto clock = clock_of(*m);
    if (!clock || !(*clock > 0)) return std::nullopt;
    auto cycles = m->samples_ns;
    for (auto& sample : cycles) sample *= *clock / 1e9;
    add_run(data, cycles, at);
  }
  return data;
}

run_variance run_variance_of(const side_data& base, const side_data& fresh,
                             const std::optional<profiled_variance>& profiled) {
  run_variance found;
  auto sampling = base.sampling_variances;
  sampling.insert(sampling.end(), fresh.sampling_variances.begin(), fresh.sampling_variances.end());
  // A run that was disturbed shows as one that lies apart: it must not blur all others.
  if (!sampling.empty()) found.sampling = summarize(sampling).median;

  const auto from_runs = pooled(variance_of(base.log_times), variance_of(fresh.log_times));
  std::optional<variance_estimate> from_profile;
  if (profiled) {
    // Sampling may be poorer now than when the profile was made.
    const double then = profiled->sampling_deviation.value_or(0);
    from_profile = {profiled->deviation * profiled->deviation + std::max(0.0, found.sampling - then * then),
                    static_cast<double>(profiled->runs - 1)};
  }
  // The profile may be made of the very runs that stand here: the better known of the two, never both as if
  // independent.
  const bool by_profile = from_profile && (!from_runs || from_profile->degrees > from_runs->degrees);
  found.known = by_profile ? from_profile : from_runs;
  if (found.known) found.source = by_profile ? noise_source::profile : noise_source::runs;
  if (found.known)
    found.known->variance =
        std::max({found.known->variance, found.sampling, least_run_deviation * least_run_deviation});
  return found;
}

change_test test_change(const side_data& base, const side_data& fresh, const variance_estimate& run, double level) {
  const auto base_runs = base.log_times.size(), fresh_runs = fresh.log_times.size();
  change_test test;
  // Of the runs also where there is one on each side: the noise between runs is known of them, and the shift
  // of two lopsided sets of samples is another quantity.
  const auto shift = hodges_lehmann(base.log_times, fresh.log_times);
  test.shift = shift.shift;
  test.error = {run.variance * (1 / static_cast<double>(base_runs) + 1 / static_cast<double>(fresh_runs)), run.degrees};
  test.p = deviation_p(test.shift, test.error);
  if (can_tell(base_runs, fresh_runs, level))
    test.p = std::max(test.p, mann_whitney(base.log_times, fresh.log_times).p);
  else if (can_tell(base.units.size(), fresh.units.size(), level))
    test.p = std::max(test.p, mann_whitney(base.units, fresh.units).p);
  const double half = deviation_at(0.05, test.error);
  test.shift_interval = {test.shift - half, test.shift + half};
  const bool one_each = base_runs == 1 && fresh_runs == 1;
  const auto ranked = one_each ? hodges_lehmann(base.units, fresh.units) : shift;
  if (ranked.has_interval)
    test.shift_interval = {std::min(test.shift_interval.low, ranked.low),
                           std::max(test.shift_interval.high, ranked.high)};
  return test;
}

}  // namespace gpubench::comparison
