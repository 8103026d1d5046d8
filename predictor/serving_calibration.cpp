#include "predictor/serving_calibration.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "predictor/log_least_squares.hpp"

namespace gpubench::predictor {
namespace {

constexpr double tpot_noise = 0.15, ttft_noise = 0.35, hold = 0.5;
constexpr std::size_t least_rows_of_a_band = 20;
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

serving_engine fit(const row_list& rows, const serving_engine& start) {
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
        for (std::size_t i = 0; i < from.size(); ++i) out[at++] = (logarithms[i] - from[i]) / hold;
      });
  return with_logarithms(start, found);
}

/// measured / predicted of the rows that have the metric, in ascending order.
std::vector<double> ratios_of(const row_list& rows, const serving_engine& engine, bool tpot) {
  std::vector<double> ratios;
  for (const serving_observation* row : rows) {
    const std::optional<double>& measured = tpot ? row->tpot_seconds : row->ttft_seconds;
    if (!measured) continue;
    const serving_times t = predicted(*row, engine);
    ratios.push_back(*measured / (tpot ? t.tpot : t.ttft).seconds);
  }
  std::sort(ratios.begin(), ratios.end());
  return ratios;
}

std::vector<double> deviations_of(const std::vector<double>& ratios) {
  std::vector<double> all;
  for (const double r : ratios) all.push_back(std::abs(1 / r - 1));
  std::sort(all.begin(), all.end());
  return all;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Sets the engine's interval of one metric where enough was held out, and says how far off the trial was.
void judge(const row_list& test, const serving_engine& trial, const serving_engine& before, bool tpot,
           serving_engine& engine, std::vector<serving_error>& errors) {
  const std::vector<double> ratios = ratios_of(test, trial, tpot);
  if (ratios.empty()) return;
  serving_band& band = tpot ? engine.tpot : engine.ttft;
  // The interval holds the prediction itself.
  if (ratios.size() >= least_rows_of_a_band)
    band = {std::min(1.0, sorted_quantile(ratios, 0.05)), std::max(1.0, sorted_quantile(ratios, 0.95))};
  serving_error e;
  e.engine = engine.name + " " + engine_version_text(engine.version);
  e.metric = tpot ? "TPOT" : "TTFT";
  e.rows = ratios.size();
  const std::vector<double> deviations = deviations_of(ratios);
  e.mean = mean_of(deviations);
  e.median = sorted_quantile(deviations, 0.5);
  e.before = mean_of(deviations_of(ratios_of(test, before, tpot)));
  const auto within =
      std::count_if(ratios.begin(), ratios.end(), [&](double r) { return r >= band.low && r <= band.high; });
  e.coverage = static_cast<double>(within) / static_cast<double>(ratios.size());
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
    start.name = key.first;
    start.version = key.second;
    start.exact = true;
    serving_engine engine = fit(all, start);
    engine.rows = all.size();
    engine.gpus.clear();
    row_list train, test;
    for (const serving_observation* row : all) {
      (row->fold < 2 ? test : train).push_back(row);
      if (std::find(engine.gpus.begin(), engine.gpus.end(), row->gpu) == engine.gpus.end())
        engine.gpus.push_back(row->gpu);
    }
    if (!train.empty()) {
      const serving_engine trial = fit(train, start);
      judge(test, trial, before, true, engine, result.errors);
      judge(test, trial, before, false, engine, result.errors);
    }
    std::erase_if(result.known.all,
                  [&](const serving_engine& e) { return e.name == key.first && e.version == key.second; });
    result.known.all.push_back(std::move(engine));
  }
  result.known.origin.source = source;
  result.known.origin.date = date;
  return result;
}

}  // namespace gpubench::predictor
