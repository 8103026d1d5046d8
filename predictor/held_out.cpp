#include "predictor/held_out.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace gpubench::predictor {
namespace {

constexpr std::int64_t large_side = 1024;

std::vector<std::string_view> parts_of(const operator_call& call) {
  if (const auto* g = std::get_if<models::gemm>(&call.shape)) {
    if (g->batch > 1) return {"batched"};
    if (g->n >= large_side && g->k >= large_side) return {"linear", "linear, n and k from 1024"};
    return {"linear"};
  }
  if (const auto* r = std::get_if<models::row_operation>(&call.shape)) {
    using kind = models::row_operation::kind;
    return {r->what == kind::softmax ? "softmax" : r->what == kind::layer_norm ? "layer norm" : "RMS norm"};
  }
  return {""};
}

double roofline_log_residual(const observation& row) {
  const models::work w = models::work_of(row.call.shape, row.call.precision);
  double peak = row.on->peak_of(row.call.precision);
  if (!(peak > 0) || models::kind_of(row.call.shape) == "streaming") peak = row.on->vector_fp32_flop_per_second;
  return std::log(row.seconds / std::max(w.flop / peak, w.bytes / row.on->memory_bandwidth_bytes_per_second));
}

std::vector<double> errors_of(const std::vector<double>& log_residuals) {
  std::vector<double> errors;
  errors.reserve(log_residuals.size());
  for (const double r : log_residuals) errors.push_back(std::abs(std::exp(-r) - 1));
  return errors;
}

}  // namespace

double mean_error(const std::vector<double>& log_residuals) {
  return summarize(errors_of(log_residuals)).mean;
}

residual_band conformal_band(const std::vector<std::vector<double>>& groups, double widen) {
  std::vector<std::pair<double, double>> weighted;
  residual_band band;
  double errors = 0;
  for (const auto& residuals : groups) {
    if (residuals.empty()) continue;
    for (const double r : residuals) weighted.emplace_back(r, 1.0 / static_cast<double>(residuals.size()));
    band.rows += residuals.size();
    errors += mean_error(residuals);
  }
  if (weighted.empty()) return band;
  double count = 0;
  for (const auto& residuals : groups) count += residuals.empty() ? 0 : 1;
  band.mean_error = errors / count;
  std::sort(weighted.begin(), weighted.end());
  // One more row at infinity on each side, as split conformal prediction asks for.
  const double mass = count * (1 + 1.0 / static_cast<double>(weighted.size()));
  double seen = 0;
  band.low = weighted.front().first;
  band.high = weighted.back().first;
  bool has_low = false;
  for (const auto& [residual, weight] : weighted) {
    seen += weight;
    if (!has_low && seen > 0.05 * mass - (mass - count)) {
      band.low = residual;
      has_low = true;
    }
    if (seen >= 0.95 * mass) {
      band.high = residual;
      break;
    }
  }
  band.low = std::exp(std::min(0.0, band.low) * widen);
  band.high = std::exp(std::max(0.0, band.high) * widen);
  return band;
}

double coverage_by_the_others(const std::vector<double>& log_residuals) {
  if (log_residuals.size() < 2) return 0;
  double inside = 0;
  for (std::size_t i = 0; i < log_residuals.size(); ++i) {
    std::vector<double> others = log_residuals;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const residual_band band = conformal_band({others});
    inside += log_residuals[i] >= std::log(band.low) && log_residuals[i] <= std::log(band.high) ? 1 : 0;
  }
  return inside / static_cast<double>(log_residuals.size());
}

void append_errors(const operator_family& family, const judged_device& judged, std::vector<held_out_error>& to) {
  std::vector<std::string_view> names;
  for (const observation* row : judged.rows) {
    for (const std::string_view part : parts_of(row->call)) {
      if (std::find(names.begin(), names.end(), part) == names.end()) names.push_back(part);
    }
  }
  std::sort(names.begin(), names.end());
  for (const std::string_view name : names) {
    std::vector<double> own, foreign, roofline;
    double inside = 0;
    for (std::size_t i = 0; i < judged.rows.size(); ++i) {
      const auto parts = parts_of(judged.rows[i]->call);
      if (std::find(parts.begin(), parts.end(), name) == parts.end()) continue;
      own.push_back(judged.own[i]);
      roofline.push_back(roofline_log_residual(*judged.rows[i]));
      if (judged.foreign.empty()) continue;
      const double r = judged.foreign[i];
      foreign.push_back(r);
      inside += r >= std::log(judged.band.low) && r <= std::log(judged.band.high) ? 1 : 0;
    }
    held_out_error e;
    e.family = family.name;
    e.part = name;
    e.device = judged.name;
    e.rows = own.size();
    const sample_statistics of_own = summarize(errors_of(own));
    e.own_mean = of_own.mean;
    e.own_median = of_own.median;
    e.roofline_mean = mean_error(roofline);
    if (!foreign.empty()) {
      const sample_statistics of_foreign = summarize(errors_of(foreign));
      e.has_foreign = true;
      e.foreign_mean = of_foreign.mean;
      e.foreign_median = of_foreign.median;
      e.coverage = inside / static_cast<double>(foreign.size());
    }
    to.push_back(std::move(e));
  }
}

}  // namespace gpubench::predictor
