#include "predictor/serving_calibration.hpp"

#include "core/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "predictor/held_out.hpp"
#include "predictor/log_least_squares.hpp"

namespace gpubench::predictor {
namespace {

constexpr double tpot_noise = 0.15, ttft_noise = 0.35, hold = 0.5;
constexpr double rows_of_a_prior = 10;
constexpr std::size_t least_rows_of_a_band = 20, least_rows_of_a_version = 8;
constexpr double serving_engine::*fitted[] = {&serving_engine::kernel_seconds, &serving_engine::prefill_factor,
                                              &serving_engine::first_token_seconds, &serving_engine::queue_factor};

using row_list = std::vector<const serving_observation*>;

serving_times predicted(const serving_observation& row, const serving_engine& engine) {
  serving_case c = row.server;
  c.engine = engine;
  return estimate_serving(c, serving_steps_of(c));
}

serving_engine with_logarithms(serving_engine engine, const std::vector<double>& logarithms) {
  for (std::size_t i = 0; i < std::size(fitted); ++i) engine.*fitted[i] = std::exp(logarithms[i]);
  return engine;
}

serving_engine fit(const row_list& rows, const serving_engine& start, double held) {
  std::vector<double> from;
  for (const auto field : fitted) from.push_back(std::log(start.*field));
  const auto found = least_squares(
      from, 2 * rows.size() + from.size(), [&](const std::vector<double>& logarithms, std::vector<double>& out) {
        const serving_engine engine = with_logarithms(start, logarithms);
        std::size_t at = 0;
        for (const serving_observation* row : rows) {
          const serving_times t = predicted(*row, engine);
          out[at++] = row->tpot_seconds ? softened(std::log(t.tpot.seconds / *row->tpot_seconds) / tpot_noise) : 0;
          out[at++] = row->ttft_seconds ? softened(std::log(t.ttft.seconds / *row->ttft_seconds) / ttft_noise) : 0;
        }
        for (std::size_t i = 0; i < from.size(); ++i) out[at++] = (logarithms[i] - from[i]) / held;
      });
  return with_logarithms(start, found);
}

/// ln(measured / predicted) of the rows that have the metric.
std::vector<double> residuals_of(const row_list& rows, const serving_engine& engine, bool tpot) {
  std::vector<double> residuals;
  for (const serving_observation* row : rows) {
    const std::optional<double>& measured = tpot ? row->tpot_seconds : row->ttft_seconds;
    if (!measured) continue;
    const serving_times t = predicted(*row, engine);
    residuals.push_back(std::log(*measured / (tpot ? t.tpot : t.ttft).seconds));
  }
  return residuals;
}

/// Sets the engine's interval of one metric where enough was held out, and says how far off the trial was.
void judge(const row_list& test, const serving_engine& trial, const serving_engine& before, bool tpot,
           serving_engine& engine, std::vector<serving_error>& errors) {
  const std::vector<double> residuals = residuals_of(test, trial, tpot);
  if (residuals.empty()) return;
  if (residuals.size() >= least_rows_of_a_band) {
    const residual_band band = conformal_band({residuals});
    (tpot ? engine.tpot : engine.ttft) = {band.low, band.high};
  }
  serving_error e;
  e.engine = engine.name + " " + engine_version_text(engine.version);
  e.metric = tpot ? "TPOT" : "TTFT";
  e.rows = residuals.size();
  e.mean = mean_error(residuals);
  std::vector<double> deviations;
  for (const double r : residuals) deviations.push_back(std::abs(std::exp(-r) - 1));
  e.median = summarize(deviations).median;
  e.before = mean_error(residuals_of(test, before, tpot));
  e.coverage = coverage_by_the_others(residuals);
  errors.push_back(std::move(e));
}

}  // namespace

serving_calibration calibrate_servers(std::span<const serving_observation> rows, const served_engines& base,
                                      const std::string& source, const std::string& date) {
  serving_calibration result;
  result.known = base;
  if (rows.empty()) return result;
  std::map<std::pair<std::string, double>, row_list> groups;
  for (const serving_observation& row : rows) groups[{row.engine, row.version}].push_back(&row);
  for (const auto& [key, all] : groups) {
    serving_engine start = serving_engine_of(base, key.first, engine_version_text(key.second));
    const serving_engine before = start;
    const bool is_known = start.name == key.first && start.version == key.second && start.exact;
    if (!is_known && all.size() < least_rows_of_a_version) {
      result.skipped.push_back(fmt::format("{} {}: {} of {} servers that a version needs", key.first,
                                           engine_version_text(key.second), all.size(), least_rows_of_a_version));
      continue;
    }
    if (!is_known) {
      start.gpus.clear();
      start.rows = 0;
    }
    start.name = key.first;
    start.version = key.second;
    start.exact = true;
    // What rests on many servers of the same version is not moved by a few.
    const double held = hold / std::sqrt(1 + static_cast<double>(start.rows) / rows_of_a_prior);
    serving_engine engine = fit(all, start, held);
    engine.rows += all.size();
    row_list train, test;
    for (const serving_observation* row : all) {
      (row->fold < 2 ? test : train).push_back(row);
      if (std::find(engine.gpus.begin(), engine.gpus.end(), row->gpu) == engine.gpus.end())
        engine.gpus.push_back(row->gpu);
    }
    if (!train.empty()) {
      const serving_engine trial = fit(train, start, held);
      judge(test, trial, before, true, engine, result.errors);
      judge(test, trial, before, false, engine, result.errors);
    }
    std::erase_if(result.known.all,
                  [&](const serving_engine& e) { return e.name == key.first && e.version == key.second; });
    result.known.all.push_back(std::move(engine));
  }
  if (result.skipped.size() == groups.size()) return result;
  const std::string before = base.origin.source.empty()
                                 ? "AIConfigurator, silicon_sample.csv, commit 095f58a (2026-08-21)"
                                 : base.origin.source;
  result.known.origin.source = before + "; " + source;
  result.known.origin.date = date;
  return result;
}

}  // namespace gpubench::predictor
