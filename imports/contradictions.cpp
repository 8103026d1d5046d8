#include "imports/contradictions.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::imports {
namespace {

// 1 where `stated` lies between the two, else how many times it is beyond the nearer one.
double times_apart(double stated, double least, double most) {
  if (stated > most) return most > 0 ? stated / most : std::numeric_limits<double>::infinity();
  if (stated < least) return stated > 0 ? least / stated : std::numeric_limits<double>::infinity();
  return 1;
}

void refuse(const results::measurement& m, const std::function<file_position()>& at, const std::string& what) {
  throw error(error_kind::input, at(), fmt::format("{}: {}", results::full_name(m), what),
              "check the units that the mapping or the tool states; the file may be damaged or cut off");
}

struct stated_rate {
  std::optional<double> rate, work;
  const char* unit;
  bool is_warned_of = false;  ///< by the importer, which knows how the tool rounds
};

// Beside samples the measurement's own rates follow from them, and the tool's stand among its values.
std::vector<stated_rate> rates_of(const results::work_done& work, const results::measurement& m) {
  static constexpr struct {
    std::string_view name, unit;
    double factor;
    std::optional<double> results::rates::*rate;
  } beside_samples[] = {{"alg_bw", "GB/s", giga, &results::rates::bytes_per_second},
                        {"bus_bw", "GB/s", giga, &results::rates::busbw_bytes_per_second},
                        {"avg_ts", "tokens/s", 1, &results::rates::items_per_second}};
  results::rates stated = m.samples_ns.empty() ? m.rate : results::rates{};
  if (!m.samples_ns.empty() && m.reported)
    for (const auto& value : m.reported->values)
      for (const auto& known : beside_samples)
        if (value.name == known.name && value.unit == known.unit) stated.*known.rate = value.value * known.factor;
  return {{stated.flop_per_second, work.flop, "FLOP/s"},
          {stated.bytes_per_second, work.bytes, "bytes/s"},
          {stated.items_per_second, work.items, "items/s"},
          {stated.busbw_bytes_per_second, work.bus_bytes, "bytes/s of bus bandwidth", true}};
}

// Above 0: one of 0 is below its clock's resolution.
std::vector<double> times_of(const results::measurement& m) {
  std::vector<double> times;
  const auto add = [&](const auto& from) {
    for (const std::optional<double>& time : {std::optional<double>(from.median), std::optional<double>(from.mean),
                                              std::optional<double>(from.min), std::optional<double>(from.max)})
      if (time && *time > 0) times.push_back(*time);
  };
  if (m.time_ns)
    add(*m.time_ns);
  else if (m.reported)
    add(m.reported->time_ns);
  return times;
}

}  // namespace

void hold_times_together(results::measurement& m, const std::function<file_position()>& at) {
  if (!m.time_ns || !m.reported || m.status != results::measurement_status::ok) return;
  const struct {
    const char* name;
    std::optional<double> stated;
    double sampled;
  } times[] = {{"median", m.reported->time_ns.median, m.time_ns->median},
               {"mean", m.reported->time_ns.mean, m.time_ns->mean}};
  for (const auto& [name, stated, sampled] : times) {
    if (!stated || !(*stated > 0)) continue;
    const double apart = times_apart(*stated, sampled, sampled);
    if (!(apart > most_apart)) continue;
    const auto what = fmt::format("a {} time of {} ns is stated, but the samples give {} ns", name,
                                  format_number(*stated), format_number(sampled));
    if (apart >= refused_apart) refuse(m, at, what);
    m.warnings.push_back(what);
  }
}

void hold_rates_against(const results::work_done& work, results::measurement& m,
                        const std::function<file_position()>& at) {
  const auto times = times_of(m);
  if (times.empty() || m.status != results::measurement_status::ok) return;
  const auto [least, most] = std::minmax_element(times.begin(), times.end());
  for (const auto& [rate, amount, unit, is_warned_of] : rates_of(work, m)) {
    if (!rate || !(*rate > 0) || !amount || !(*amount > 0)) continue;
    const double slowest = *amount / *most * 1e9, fastest = *amount / *least * 1e9;
    const double apart = times_apart(*rate, slowest, fastest);
    if (!(apart > most_apart)) continue;
    const auto what = fmt::format("{} {} are stated, but work over time gives {}", format_number(*rate), unit,
                                  format_number(*rate > fastest ? fastest : slowest));
    if (apart >= refused_apart) refuse(m, at, what);
    if (!is_warned_of) m.warnings.push_back(what);
  }
}

}  // namespace gpubench::imports
