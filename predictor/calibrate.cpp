#include "predictor/calibrate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "predictor/held_out.hpp"

namespace gpubench::predictor {
namespace {

using row_list = std::vector<const observation*>;

constexpr std::array<double, 5> transfers{0, 0.25, 0.5, 0.75, 1};
constexpr int held_out_fold = 0;
constexpr std::size_t fewest_to_judge = 30;  // held-out rows
constexpr double same_shape_octaves = 0.01;

/// Rows of one GPU of a family.
struct device_rows {
  std::shared_ptr<const gpu_traits> on;
  row_list all, fitted, held_out;
};

/// Every n-th row, so that at most `most` are left; the same shapes on every GPU that has the same rows.
row_list thinned(const row_list& rows, std::size_t most) {
  if (rows.size() <= most) return rows;
  row_list part;
  part.reserve(most);
  for (std::size_t i = 0; i < most; ++i) part.push_back(rows[i * rows.size() / most]);
  return part;
}

std::vector<residual_point> points_of(const operator_family& family, const row_list& rows,
                                      const std::vector<double>& values) {
  const std::vector<double> residuals = log_residuals(family, rows, values);
  std::vector<residual_point> points;
  points.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    points.push_back({family.features(rows[i]->call), static_cast<float>(residuals[i])});
  return points;
}

/// What is left of the residuals after the surface has been asked, weighted by `share`.
std::vector<double> corrected(const operator_family& family, const row_list& rows, const std::vector<double>& residuals,
                              const residual_surface& surface, double share) {
  std::vector<double> left(residuals);
  if (surface.empty() || share == 0) return left;
  for (std::size_t i = 0; i < rows.size(); ++i)
    left[i] -= share * surface.at(family.features(rows[i]->call)).log_residual;
  return left;
}

std::vector<double> mean_of_logarithms(const operator_family& family, const std::vector<calibrated_device>& devices) {
  std::vector<double> values(family.coefficients.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    double sum = 0;
    for (const calibrated_device& d : devices) sum += std::log(d.fit.values[i]);
    values[i] = std::exp(sum / static_cast<double>(devices.size()));
  }
  return values;
}

constexpr double least_width = 1.28;

/// For GPUs without measurements. The quantiles of n GPUs understate those of GPUs to come: as for the mean of n with
/// an unknown spread, by 1 + 1/n; and fewer than four cannot tell how far a further one may stand off: then at least a
/// quarter each way. Assumed.
residual_band foreign_band(const std::vector<std::vector<double>>& by_device) {
  residual_band band = conformal_band(by_device, 1 + 1 / static_cast<double>(by_device.size()));
  if (by_device.size() >= 4) return band;
  band.low = std::min(band.low, 1 / least_width);
  band.high = std::max(band.high, least_width);
  return band;
}

/// Fits one family.
class family_fitter {
 public:
  family_fitter(const operator_family& family, const family_calibration& base, const calibration_options& options)
      : family_(family), base_(base), options_(options) {}

  void add(const observation& row) {
    device_rows& group = groups_[row.on->name];
    group.on = row.on;
    group.all.push_back(&row);
    (row.fold == held_out_fold ? group.held_out : group.fitted).push_back(&row);
  }
  bool empty() const { return groups_.empty(); }

  family_calibration fit(std::vector<held_out_error>& errors) {
    family_calibration known = fit_rows(&device_rows::all, nullptr);
    known.origin.source = base_.devices.empty() ? options_.source : base_.origin.source + "; " + options_.source;
    known.origin.date = options_.date;
    for (const calibrated_device& old : base_.devices) {
      if (!groups_.count(old.name)) {
        known.devices.push_back(old);
      } else {
        keep_points(old, known);
      }
    }
    std::sort(known.devices.begin(), known.devices.end(),
              [](const calibrated_device& a, const calibrated_device& b) { return a.name < b.name; });
    known.all = mean_of_logarithms(family_, known.devices);
    known.index();
    std::size_t held_out = 0;
    for (const auto& [name, group] : groups_) held_out += group.held_out.size();
    family_calibration fresh = known;
    judge(fresh, errors);
    // Too few rows to say anything new about errors: what was known of them stays.
    if (!base_.devices.empty() && held_out < fewest_to_judge) return known;
    if (groups_.size() >= base_.devices.size()) {
      known.bands = fresh.bands;
      known.transfer = fresh.transfer;
      return known;
    }
    // Fewer GPUs than those behind the intervals that were known tell nothing of GPUs to come, and their own shapes may
    // lie closer than those of the others: their intervals are only ever widened.
    residual_band& own = known.bands[static_cast<std::size_t>(nearness::device)];
    const residual_band& found = fresh.bands[static_cast<std::size_t>(nearness::device)];
    own.low = std::min(own.low, found.low);
    own.high = std::max(own.high, found.high);
    return known;
  }

 private:
  /// Measured shapes that the new rows do not have stay with their residuals.
  static void keep_points(const calibrated_device& old, family_calibration& known) {
    for (calibrated_device& d : known.devices) {
      if (d.name != old.name) continue;
      for (const residual_point& p : old.points) {
        const bool again = !d.surface.empty() && d.surface.at(p.at).distance < same_shape_octaves;
        if (!again) d.points.push_back(p);
      }
    }
  }

  /// @param part     which rows of each GPU
  /// @param without  a GPU that is left out; nullptr: none
  family_calibration fit_rows(row_list device_rows::*part, const std::string* without) const {
    family_calibration known;
    known.family = family_.name;
    known.transfer = base_.transfer;
    known.bands = base_.bands;
    row_list everything;
    for (const auto& [name, group] : groups_) {
      if (without && name == *without) continue;
      for (const observation* row : thinned(group.*part, options_.most_rows)) everything.push_back(row);
    }
    if (everything.empty()) return known;
    fit_prior prior;
    prior.centre = base_.all;
    prior.widen = 3;
    const coefficient_fit all = fit_coefficients(family_, everything, prior);
    for (const auto& [name, group] : groups_) {
      if ((without && name == *without) || (group.*part).empty()) continue;
      fit_prior own;
      const calibrated_device* before = base_.find(name);
      own.centre = before ? before->fit.values : all.values;
      calibrated_device d;
      d.name = name;
      d.architecture = group.on->architecture;
      d.fit = fit_coefficients(family_, thinned(group.*part, options_.most_rows), own);
      d.fit.rows = (group.*part).size();
      d.points = points_of(family_, thinned(group.*part, options_.most_points), d.fit.values);
      known.devices.push_back(std::move(d));
    }
    known.all = mean_of_logarithms(family_, known.devices);
    known.index();
    return known;
  }

  /// Bands, transfer and the table of errors, by fitting again without what is judged.
  void judge(family_calibration& known, std::vector<held_out_error>& errors) const {
    std::vector<judged_device> judged;
    std::vector<std::vector<double>> own;
    const family_calibration inner = fit_rows(&device_rows::fitted, nullptr);
    for (const auto& [name, group] : groups_) {
      const calibrated_device* d = inner.find(name);
      if (!d || group.held_out.empty()) continue;
      judged_device entry;
      entry.name = name;
      entry.rows = group.held_out;
      entry.own =
          corrected(family_, group.held_out, log_residuals(family_, group.held_out, d->fit.values), d->surface, 1);
      own.push_back(entry.own);
      judged.push_back(std::move(entry));
    }
    if (!own.empty()) known.bands[static_cast<std::size_t>(nearness::device)] = conformal_band(own, 1);
    if (groups_.size() > 1) {
      judge_foreign(known, judged);
    } else if (!own.empty()) {
      // Nothing tells how far a second GPU stands off: three times as far as this one's own shapes. Assumed.
      residual_band far = known.bands[static_cast<std::size_t>(nearness::device)];
      far.low = std::min(far.low * far.low * far.low, 1 / least_width);
      far.high = std::max(far.high * far.high * far.high, least_width);
      far.rows = 0;
      known.bands[static_cast<std::size_t>(nearness::architecture)] = far;
      known.bands[static_cast<std::size_t>(nearness::other)] = far;
    }
    for (const judged_device& d : judged) append_errors(family_, d, errors);
  }

  void judge_foreign(family_calibration& known, std::vector<judged_device>& judged) const {
    struct left_out {
      judged_device* device;
      std::vector<double> residuals;
      family_calibration others;
    };
    std::vector<left_out> parts;
    for (judged_device& d : judged) {
      // Held-out shapes, so that neither the GPU nor the shape was fitted on.
      left_out part{&d, {}, fit_rows(&device_rows::fitted, &d.name)};
      if (part.others.devices.empty()) continue;
      const gpu_traits& on = *groups_.at(d.name).on;
      part.residuals = log_residuals(family_, d.rows, part.others.coefficients_for(family_, on));
      parts.push_back(std::move(part));
    }
    double best = 1e9;
    for (const double share : transfers) {
      double sum = 0;
      for (const left_out& part : parts)
        sum += mean_error(corrected(family_, part.device->rows, part.residuals, part.others.mean_surface, share));
      if (sum < best * 0.999) {
        best = sum;
        known.transfer = share;
      }
    }
    std::vector<std::vector<double>> same, every;
    for (const left_out& part : parts) {
      part.device->foreign =
          corrected(family_, part.device->rows, part.residuals, part.others.mean_surface, known.transfer);
      every.push_back(part.device->foreign);
      if (part.others.nearest_to(*groups_.at(part.device->name).on) == nearness::architecture)
        same.push_back(every.back());
    }
    const residual_band far = foreign_band(every);
    known.bands[static_cast<std::size_t>(nearness::other)] = far;
    // Fewer than four GPUs with kin tell less of kin than all GPUs do of any.
    known.bands[static_cast<std::size_t>(nearness::architecture)] = same.size() >= 4 ? foreign_band(same) : far;
    // Coverage of each GPU is judged by the band that the other GPUs give.
    for (std::size_t i = 0; i < parts.size(); ++i) {
      std::vector<std::vector<double>> rest;
      for (std::size_t j = 0; j < parts.size(); ++j) {
        if (j != i) rest.push_back(every[j]);
      }
      if (!rest.empty()) parts[i].device->band = foreign_band(rest);
    }
  }

  const operator_family& family_;
  const family_calibration& base_;
  const calibration_options& options_;
  std::map<std::string, device_rows> groups_;
};

}  // namespace

calibration_result calibrate(const std::vector<observation>& rows, const operator_calibration& base,
                             const calibration_options& options) {
  calibration_result result;
  result.known.collectives = base.collectives;
  result.known.engines = base.engines;
  std::vector<family_fitter> fitters;
  for (const operator_family* family : operator_families()) fitters.emplace_back(*family, base.of(*family), options);
  for (const observation& row : rows) {
    for (std::size_t i = 0; i < fitters.size(); ++i) {
      if (!operator_families()[i]->covers(row.call)) continue;
      fitters[i].add(row);
      break;
    }
  }
  for (std::size_t i = 0; i < fitters.size(); ++i) {
    const operator_family& family = *operator_families()[i];
    result.known.families.emplace(family.name, fitters[i].empty() ? base.of(family) : fitters[i].fit(result.errors));
  }
  return result;
}

}  // namespace gpubench::predictor
