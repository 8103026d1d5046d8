#pragma once

#include "report/document.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace gpubench::report::test {

/// A report made by hand: everything a document points to lives here.
struct fixture {
  std::string name;
  std::deque<profiles::instance> instances;
  std::deque<profiles::price> prices;
  std::unique_ptr<results::run> run;
  std::deque<results::run> others;  ///< where several runs stand side by side
  document content;
};

/// Ranked offers of four providers in several regions with a deadline, a Pareto front, rejections, notes, and a run
/// with every kind of measurement.
fixture full_report();
/// Two recommendations, one of them infeasible, without a run.
fixture recommendations_only();
/// A run with measured, skipped and failed cases, wrong results and no peaks.
fixture run_only();
/// A run on the CPU and on a GPU.
fixture two_devices();
/// A run on GPUs that were watched: a soak that was throttled, a collective on all.
fixture watched_gpus();
/// Three runs side by side, "here", "there" and "vendor": the second 10 % faster and with a skipped and a wrong case,
/// the third imported, with a collective that the others lack; two of them have prices.
fixture several_runs();
/// A run that measured nothing, and no recommendation.
fixture empty_run();
fixture nothing();
/// NaN and infinities wherever a double stands.
fixture not_finite();
/// Markup, quotes, escape sequences, line breaks, and bytes that are not UTF-8 in every text.
fixture hostile();

/// All of the above: every output form is held against every case.
std::vector<fixture> all_fixtures();

/// The text that hostile() puts everywhere.
inline constexpr const char* hostile_text =
    "</script><img src=x onerror=alert(1)>\"'&|`{{data}}\x1b[31m\n@import \xff,end";

}  // namespace gpubench::report::test
