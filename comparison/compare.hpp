#pragma once

#include "core/statistics.hpp"
#include "results/run.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "comparison/comparability.hpp"
#include "comparison/noise_profile.hpp"

namespace gpubench::comparison {

enum class verdict { slower, faster, same, ambiguous, wrong_result, missing, added, not_comparable };
inline constexpr verdict all_verdicts[] = {verdict::slower,    verdict::faster,        verdict::same,
                                           verdict::ambiguous, verdict::wrong_result,  verdict::missing,
                                           verdict::added,     verdict::not_comparable};
/// "slower", ..., "wrong", "missing", "new", "not comparable".
std::string_view to_string(verdict v);

/// Runs of the same code on the same machine. They are the units of the comparison: samples of one run share whatever
/// that run had of luck, so many samples of one run are no substitute for several runs.
struct side {
  std::string name;  ///< for the reader: a file or folder
  std::vector<results::run> runs;
};

/// By what the verdicts are reached.
struct criteria {
  double threshold = 0.02;             ///< the smallest change of time that matters, as a fraction
  double false_discovery_rate = 0.01;  ///< also the chance of any false alarm where nothing has changed
  std::set<std::string> allowed;       ///< keys whose difference does not forbid the comparison
  std::optional<noise_profile> noise;
  /// Standard deviation between runs that is taken when nothing is known: one run on each side, no profile.
  double assumed_run_deviation = 0.01;
};

/// Where the spread between runs is known from.
enum class noise_source { runs, profile, other_benchmarks, assumed };
std::string_view to_string(noise_source source);

/// What a row was judged in.
enum class judged_unit { time, cycles };
std::string_view to_string(judged_unit unit);

/// Where in the order of a run's samples a row was judged. What comes and goes within milliseconds slows some samples,
/// and moves the median by all of that once it reaches half of them; the lower quartile stays where it was.
enum class sample_quantile { median, lower_quartile };
std::string_view to_string(sample_quantile at);

/// One side of one benchmark.
struct side_facts {
  std::size_t runs = 0, samples = 0;    ///< those with times
  std::size_t failed = 0, skipped = 0;  ///< runs in which it broke off or was wrong, and in which it was left out
  std::optional<double> time_ns;        ///< median of the runs' medians; absent without any
  std::optional<double> clock_hertz;    ///< likewise, where clocks were recorded
  std::string reason;                   ///< why there is none
};

/// One benchmark on both sides. Changes are of time: new / base - 1, so that above 0 is slower.
struct comparison_row {
  benchmark_key key;
  results::work_done work;  ///< of the base, else of the new side
  verdict outcome = verdict::same;
  bool broke_off = false;  ///< of a wrong one: it gave no answer, where others give a wrong one
  side_facts base, fresh;
  std::optional<double> change;
  std::optional<interval> change_interval;  ///< 95 %
  std::optional<double> p, adjusted_p;
  std::optional<double> noise_floor;  ///< a change measured as smaller is not told from noise; one as large, every
                                      ///< other time
  std::optional<double> detectable_change;  ///< of the time it takes, that would have been called slower at 95 %
  std::optional<noise_source> noise;
  std::optional<judged_unit> judged_in;       ///< absent where nothing was tested
  std::optional<sample_quantile> judged_at;   ///< likewise
  std::optional<double> cycles_change;        ///< in cycles of the device's clock in place of time
  std::optional<std::size_t> runs_to_decide;  ///< of an ambiguous one: about so many runs on each side
  std::string because;                        ///< in words, what the verdict rests on; may be empty
  std::vector<difference> differences;        ///< of this measurement alone
};

struct comparison_result {
  std::string base, fresh;
  std::size_t base_runs = 0, fresh_runs = 0;
  criteria by;
  std::vector<comparison_row> rows;     ///< the verdicts' order, most severe first, then as measured
  std::vector<difference> differences;  ///< of the machines, each key once
  std::size_t unmeasured = 0;           ///< benchmarks that neither side could measure
  std::map<verdict, std::size_t> counts() const;
};

/// Whether another measurement could make the row one that is slower, or show that it is none: it is slower, or
/// ambiguous with an interval that reaches beyond the threshold.
bool could_be_slower(const comparison_row& row, double threshold);

/// Whether the row is ambiguous although it was measured as slower by many times the threshold.
bool is_unjudged_slow_down(const comparison_row& row, double threshold);

/// Compares two sides, benchmark by benchmark:
/// - the change is the Hodges-Lehmann shift of the runs' log medians; its interval is that of Student's t, widened
/// where
///   the one of the rank test is wider (of blocks of samples where each side has one run);
/// - it is significant when two tests agree, their p values controlled over all benchmarks (Benjamini-Hochberg): a
///   Mann-Whitney U test (of runs where they are enough for it, else of blocks of samples; left out where even that
///   could never reach the level), and a test against the variance between runs (Student's t), known from the runs at
///   hand, the noise profile, or the other benchmarks (Smyth 2004);
/// - where every run recorded its clock and the runs lie closer together in cycles, all this is done in cycles; where
///   those of a CPU lie closer together at the lower quartile of their samples, at that;
/// - slower or faster: significant, and at least the threshold; same: the 95 % interval lies within the threshold;
///   ambiguous: neither, or the device's clock explains it, or the quickest quarter of a CPU's samples did not change.
/// @throws error: usage for a side without runs, one that holds a run twice, or a run on both sides (unless they hold
/// the same); input for a noise profile of another
///         machine, where the sides themselves could be compared.
comparison_result compare(const side& base, const side& fresh, const criteria& by);

}  // namespace gpubench::comparison
