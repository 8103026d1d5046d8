#include "predictor/collective_calibration.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "predictor/collectives.hpp"
#include "predictor/held_out.hpp"

namespace gpubench::predictor {
namespace {

constexpr std::size_t least_rows_of_a_band = 20;

double predicted(const collective_observation& row, const collective_model& model) {
  fabric links = row.links;
  links.collectives = &model;
  return estimate_collective(row.kind, row.bytes, links, row.ranks, row.precision).seconds;
}

bool is_held_out(const collective_observation& row) {
  return std::lround(std::log2(std::max(row.bytes, 1.0))) % 2 == 0;
}

/// The rows' curves among those that were known.
collective_model with_curves(std::span<const collective_observation> rows, const collective_model& base) {
  collective_model model = base;
  for (collective_curve& curve : curves_of(rows, base.constants)) {
    std::erase_if(model.curves, [&](const collective_curve& known) {
      return known.gpu == curve.gpu && known.link == curve.link && known.kind == curve.kind &&
             known.ranks == curve.ranks;
    });
    model.curves.push_back(std::move(curve));
  }
  return model;
}

collective_model fitted(std::span<const collective_observation> rows, const collective_model& base, bool from_scratch) {
  if (!from_scratch) return with_curves(rows, base);
  collective_model fresh;
  fresh.constants = fit_collectives(rows, base.constants).constants;
  return with_curves(rows, fresh);
}

std::vector<collective_observation> only(std::span<const collective_observation> rows, bool held_out) {
  std::vector<collective_observation> chosen;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(chosen),
               [&](const collective_observation& row) { return is_held_out(row) == held_out; });
  return chosen;
}

void set_bands(collective_model& model, std::span<const collective_observation> test, const collective_model& trial) {
  std::array<std::vector<double>, message_classes> residuals;
  for (const collective_observation& row : test)
    residuals[message_class(row.bytes)].push_back(std::log(row.seconds / predicted(row, trial)));
  for (std::size_t i = 0; i < message_classes; ++i) {
    if (residuals[i].size() < least_rows_of_a_band) continue;
    const residual_band band = conformal_band({residuals[i]});
    model.own[i] = {band.low, band.high, band.rows};
  }
}

std::vector<collective_error> errors_of(std::span<const collective_observation> test, const collective_model& trial,
                                        const collective_model& before) {
  std::map<std::pair<std::string, collective_kind>, std::vector<const collective_observation*>> groups;
  for (const collective_observation& row : test) groups[{row.links.gpu, row.kind}].push_back(&row);
  std::vector<collective_error> errors;
  for (const auto& [key, rows] : groups) {
    collective_error e;
    e.gpu = key.first;
    e.kind = key.second;
    e.rows = rows.size();
    std::vector<double> deviations, residuals;
    const auto count = static_cast<double>(rows.size());
    for (const collective_observation* row : rows) {
      const double time = predicted(*row, trial);
      deviations.push_back(std::abs(time / row->seconds - 1));
      e.mean += deviations.back() / count;
      e.before += std::abs(predicted(*row, before) / row->seconds - 1) / count;
      residuals.push_back(std::log(row->seconds / time));
    }
    e.coverage = coverage_by_the_others(residuals);
    std::sort(deviations.begin(), deviations.end());
    e.median = sorted_quantile(deviations, 0.5);
    errors.push_back(std::move(e));
  }
  return errors;
}

}  // namespace

collective_calibration calibrate_collectives(std::span<const collective_observation> rows, const collective_model& base,
                                             const collective_calibration_options& options) {
  collective_calibration result;
  result.refused = refused_collectives(rows);
  std::vector<collective_observation> good;
  auto refused = result.refused.begin();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (refused != result.refused.end() && refused->index == i) {
      ++refused;
    } else {
      good.push_back(rows[i]);
    }
  }
  result.known = good.empty() ? base : fitted(good, base, options.from_scratch);
  if (good.empty()) return result;
  const auto train = only(good, false), test = only(good, true);
  if (!train.empty() && !test.empty()) {
    const collective_model trial = fitted(train, base, options.from_scratch);
    set_bands(result.known, test, trial);
    result.errors = errors_of(test, trial, base);
  }
  result.known.origin.source = options.source;
  result.known.origin.date = options.date;
  return result;
}

}  // namespace gpubench::predictor
