#include "predictor/operator_calibration.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::predictor {
namespace {

constexpr double weight_of_all = 0.5;

double lower_median(const std::vector<calibrated_device>& devices, std::size_t coefficient) {
  std::vector<double> values;
  for (const calibrated_device& d : devices) values.push_back(d.fit.values[coefficient]);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

const calibrated_device* family_calibration::find(const std::string& device) const {
  for (const calibrated_device& d : devices) {
    if (d.name == device) return &d;
  }
  return nullptr;
}

namespace {

/// A few rows move a GPU's coefficients without showing how well they then fit.
constexpr std::size_t least_rows_of_a_device = 10;

/// A GPU beside a Grace is the same GPU.
std::string_view without_grace(std::string_view architecture) {
  constexpr std::string_view grace = "Grace ";
  return architecture.substr(architecture.rfind(grace, 0) == 0 ? grace.size() : 0);
}

}  // namespace

nearness family_calibration::nearest_to(const gpu_traits& on) const {
  const calibrated_device* own = find(on.name);
  if (own && own->fit.rows >= least_rows_of_a_device) return nearness::device;
  if (own) return nearness::architecture;
  for (const calibrated_device& d : devices) {
    if (without_grace(d.architecture) == without_grace(on.architecture)) return nearness::architecture;
  }
  return nearness::other;
}

std::vector<double> family_calibration::coefficients_for(const operator_family& model, const gpu_traits& on) const {
  if (const calibrated_device* own = find(on.name)) return own->fit.values;
  std::vector<double> sums(all.size());
  double weights = weight_of_all;
  for (std::size_t i = 0; i < all.size(); ++i) sums[i] = weight_of_all * std::log(all[i]);
  for (const calibrated_device& d : devices) {
    const double weight = std::exp(-std::abs(generation_of(d.architecture) - on.generation));
    weights += weight;
    for (std::size_t i = 0; i < all.size(); ++i) sums[i] += weight * std::log(d.fit.values[i]);
  }
  for (double& sum : sums) sum = std::exp(sum / weights);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (model.coefficients[i].of_host && !devices.empty()) sums[i] = lower_median(devices, i);
  }
  return sums;
}

void family_calibration::index() {
  // A shape that several GPUs have is one point with their mean.
  std::map<feature_vector, std::pair<double, int>> shapes;
  for (calibrated_device& d : devices) {
    for (const residual_point& p : d.points) {
      auto& [sum, count] = shapes[p.at];
      sum += p.log_residual;
      ++count;
    }
    d.surface = residual_surface(d.points);
  }
  std::vector<residual_point> means;
  means.reserve(shapes.size());
  for (const auto& [at, sum] : shapes) means.push_back({at, static_cast<float>(sum.first / sum.second)});
  mean_surface = residual_surface(std::move(means));
}

operator_calibration uncalibrated() {
  operator_calibration known;
  for (const operator_family* family : operator_families()) {
    family_calibration& entry = known.families[std::string(family->name)];
    entry.family = family->name;
    for (const coefficient& c : family->coefficients) entry.all.push_back(c.typical);
    entry.origin.source = "typical values, nothing measured";
  }
  return known;
}

}  // namespace gpubench::predictor
