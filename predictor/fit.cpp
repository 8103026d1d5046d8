#include "predictor/fit.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "predictor/log_least_squares.hpp"

namespace gpubench::predictor {
namespace {

std::vector<double> coefficients_at(const operator_family& family, const std::vector<double>& logarithms) {
  std::vector<double> c(family.coefficients.size());
  for (std::size_t i = 0; i < c.size(); ++i)
    c[i] = std::clamp(std::exp(logarithms[i]), family.coefficients[i].low, family.coefficients[i].high);
  return c;
}

/// By row: every GPU counts the same.
std::vector<double> weights_of(const std::vector<const observation*>& rows, double most_rows) {
  std::map<std::string_view, double> count;
  for (const observation* row : rows) ++count[row->on->name];
  std::vector<double> weights;
  weights.reserve(rows.size());
  for (const observation* row : rows) {
    const double n = count[row->on->name];
    weights.push_back(std::sqrt(std::min(n, most_rows) / n));
  }
  return weights;
}

}  // namespace

std::vector<double> log_residuals(const operator_family& family, const std::vector<const observation*>& rows,
                                  const std::vector<double>& values) {
  std::vector<double> residuals;
  residuals.reserve(rows.size());
  for (const observation* row : rows)
    residuals.push_back(std::log(row->seconds / family.time(*row->on, row->call, values.data()).seconds));
  return residuals;
}

coefficient_fit fit_coefficients(const operator_family& family, const std::vector<const observation*>& rows,
                                 const fit_prior& prior) {
  std::vector<double> start;
  for (const double centre : prior.centre) start.push_back(std::log(centre));
  const std::vector<double> weights = weights_of(rows, prior.most_rows);
  // Tiles and waves make the time a staircase: steps of some per cent in the differences look over its edges.
  const auto found = least_squares(
      start, rows.size() + start.size(), [&](const std::vector<double>& logarithms, std::vector<double>& out) {
        const std::vector<double> c = coefficients_at(family, logarithms);
        std::size_t at = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const observation& row = *rows[i];
          const double r = std::log(family.time(*row.on, row.call, c.data()).seconds / row.seconds);
          out[at++] = weights[i] * softened(r / prior.row_error);
        }
        // Of the logarithms before they are kept in bounds: beyond them the prior alone leads back.
        for (std::size_t i = 0; i < start.size(); ++i)
          out[at++] = (logarithms[i] - start[i]) / (family.coefficients[i].spread * prior.widen);
      });

  coefficient_fit fit;
  fit.values = coefficients_at(family, found);
  fit.rows = rows.size();
  std::vector<double> errors;
  errors.reserve(rows.size());
  for (const double r : log_residuals(family, rows, fit.values)) errors.push_back(std::abs(std::exp(-r) - 1));
  const sample_statistics spread = summarize(errors);
  fit.mean_error = spread.mean;
  fit.median_error = spread.median;
  return fit;
}

}  // namespace gpubench::predictor
