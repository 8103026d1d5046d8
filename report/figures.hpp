#pragma once

#include "results/measurement.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "predictor/estimate.hpp"

namespace gpubench::report {

/// What stands where a value is unknown or not finite.
inline constexpr const char* unknown_mark = "–";

/// Decimals that an interval supports; negative means that the last digits before the point are noise. The half width
/// keeps two digits while they are below 35, else one.
/// Source: Particle Data Group, Review of Particle Physics (2024), Introduction, section 5.3 "Rounding".
int supported_decimals(double low, double high);

/// "16,400" for decimals <= 0 (rounded to tens, hundreds ... when negative), "0.53" for 2.
std::string fixed(double value, int decimals);

/// "19.8 ±2.3" with the digits that the interval supports. An interval that "±" would misstate, being lopsided, reads
/// "10 (5–20)". Without a usable interval: three digits.
std::string with_interval(double value, std::optional<double> low, std::optional<double> high);

/// "19.8 h (17.9–22.4)": `before` and `after` are written around the value, `before` in the parentheses too.
std::string with_range(double value, double low, double high, std::string_view before, std::string_view after);

/// 0.966 is "97 %"; "<1 %" and ">99 %" rather than a certainty that no estimate has; exactly 0 and 1 are as they are.
std::string percent(double fraction);

/// As percent(), but an estimate's probability is never certain: ">99 %" for 1, "<1 %" for 0.
std::string probability(double value);

/// An amount of work: "115.3 M".
std::string amount(double value);

/// A duration that someone set: "24 h" rather than "24.0 h".
std::string set_duration(double seconds);

/// The unit of a column or sentence of durations.
struct time_unit {
  double seconds = 1;
  const char* name = "s";
};
time_unit time_unit_for(double seconds);

std::string duration_with_range(const predictor::estimate& duration);
std::string money(double usd);
std::string money_with_range(double usd, double low, double high);

/// The figure by which a measurement is known, in a unit without prefix: what figures of several runs are compared in.
struct base_figure {
  enum class kind : std::uint8_t { rate, item_rate, time, other };
  kind is = kind::time;
  std::string metric;  ///< "flop_per_second", "time_ns", ...: as the run file names it; of `other` as its tool does
  std::string unit;    ///< "FLOP/s", "B/s", "B/s busbw", "image/s", "ns", "ns per load"
  double value = 0;
  std::optional<double> low, high;  ///< 95 % interval of the median

  bool more_is_better() const { return is == kind::rate || is == kind::item_rate; }
  bool less_is_better() const { return is == kind::time; }  ///< of `other` nobody knows
};
std::optional<base_figure> base_figure_of(const results::measurement& m);

/// The unit in which people read a figure of that size, and how much of the unit without prefix it is.
struct figure_scale {
  double factor = 1;
  std::string unit;
};
figure_scale scale_for(base_figure::kind is, const std::string& unit, double value);

/// The same, scaled to a unit that people read.
struct measured_figure {
  double value = 0;
  std::optional<double> low, high;  ///< 95 % interval of the median
  std::string unit;                 ///< "GFLOP/s", "GB/s", "image/s", "ns per load"
};
/// "OP" where what is named counts integer operations, as "gemm_int8" and "dense peak int8" do; else "FLOP".
std::string operation_unit(std::string_view named);

/// Both are absent unless the measurement has a finite rate or time. items/s where items are counted, else FLOP/s or
/// B/s, whichever its peak is in; without a peak FLOP/s from one FLOP a byte on. A benchmark that counts loads is a
/// latency: time per load. A collective is known by its busbw. Of an imported measurement: the rate or typical time
/// that its tool states, else the first of its other values, whose unit is "of NAME" where the tool states none.
std::optional<measured_figure> figure_of(const results::measurement& m);

}  // namespace gpubench::report
