#include "predictor/collective_fit.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <unsupported/Eigen/NonLinearOptimization>
#include <unsupported/Eigen/NumericalDiff>

#include "predictor/collectives.hpp"

namespace gpubench::predictor {
namespace {

double modelled(const collective_observation& row, const collective_constants& constants) {
  return modelled_seconds(row.kind, row.bytes, row.links, row.ranks, switch_adds(row.precision), constants);
}

std::string flaw_of(const collective_observation& row) {
  if (!(row.bytes > 0) || !(row.seconds > 0) || row.ranks < 2) return "needs bytes, seconds and at least two ranks";
  if (row.links.inside == fabric::link::none || !(row.links.inside_bytes_per_second > 0))
    return "its link is not known";
  // A sum in the switch takes bytes*(1+1/n) out of a GPU, less than a ring.
  const double wire = row.kind == collective_kind::all_reduce && row.links.inside == fabric::link::nvlink_switch
                          ? row.bytes
                          : shape_of(row.kind, row.bytes, row.ranks).wire_bytes;
  const double rate = wire / row.seconds;
  if (rate > 1.05 * row.links.inside_bytes_per_second)
    return fmt::format("moves {:.0f} GB/s out of each GPU, over a link of {:.0f}", rate / 1e9,
                       row.links.inside_bytes_per_second / 1e9);
  return {};
}

collective_constants constants_of(const Eigen::VectorXd& logarithms) {
  collective_constants c;
  for (std::size_t i = 0; i < collective_constants::count; ++i)
    c.*collective_constants::fields[i] = std::exp(logarithms[static_cast<Eigen::Index>(i)]);
  return c;
}

/// The rows' and the constants' deviations, as Eigen's solver wants them.
struct deviations {
  using Scalar = double;
  using InputType = Eigen::VectorXd;
  using ValueType = Eigen::VectorXd;
  using JacobianType = Eigen::MatrixXd;
  enum { InputsAtCompileTime = Eigen::Dynamic, ValuesAtCompileTime = Eigen::Dynamic };

  const std::vector<const collective_observation*>& rows;
  const Eigen::VectorXd& start;

  int inputs() const { return static_cast<int>(start.size()); }
  int values() const { return static_cast<int>(rows.size()) + inputs(); }

  int operator()(const InputType& x, ValueType& f) const {
    constexpr double noise = 0.05, hold = 0.5;
    const collective_constants c = constants_of(x);
    Eigen::Index i = 0;
    for (const collective_observation* row : rows) {
      const double r = std::log(modelled(*row, c) / row->seconds) / noise;
      f[i++] = std::copysign(std::sqrt(2 * (std::sqrt(1 + r * r) - 1)), r);
    }
    f.tail(start.size()) = (x - start) / hold;
    return 0;
  }
};

}  // namespace

std::vector<refused_observation> refused_collectives(std::span<const collective_observation> rows) {
  std::vector<refused_observation> refused;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (std::string flaw = flaw_of(rows[i]); !flaw.empty()) refused.push_back({i, std::move(flaw)});
  }
  return refused;
}

collective_fit fit_collectives(std::span<const collective_observation> rows, const collective_constants& start) {
  collective_fit result;
  result.refused = refused_collectives(rows);
  std::vector<const collective_observation*> used;
  for (std::size_t i = 0, next = 0; i < rows.size(); ++i) {
    if (next < result.refused.size() && result.refused[next].index == i) {
      ++next;
    } else {
      used.push_back(&rows[i]);
    }
  }
  Eigen::VectorXd from(static_cast<Eigen::Index>(collective_constants::count));
  for (std::size_t i = 0; i < collective_constants::count; ++i)
    from[static_cast<Eigen::Index>(i)] = std::log(start.*collective_constants::fields[i]);
  Eigen::VectorXd x = from;
  if (!used.empty()) {
    Eigen::NumericalDiff<deviations> problem(deviations{used, from});
    Eigen::LevenbergMarquardt<Eigen::NumericalDiff<deviations>> solver(problem);
    solver.parameters.maxfev = 4000;
    solver.minimize(x);
  }
  result.constants = used.empty() ? start : constants_of(x);
  for (const collective_observation* row : used)
    result.log_residual.push_back(std::log(row->seconds / modelled(*row, result.constants)));
  return result;
}

std::vector<collective_curve> curves_of(std::span<const collective_observation> rows,
                                        const collective_constants& constants) {
  using octaves = std::map<std::size_t, std::vector<double>>;
  std::map<std::tuple<std::string, std::string, collective_kind, int, fabric::link>, octaves> groups;
  constexpr auto last = static_cast<double>(collective_curve::sizes - 1);
  for (const collective_observation& row : rows) {
    if (!flaw_of(row).empty()) continue;
    const double place = std::log2(row.bytes) - static_cast<double>(collective_curve::first_octave);
    const auto octave = static_cast<std::size_t>(std::lround(std::clamp(place, 0.0, last)));
    groups[{row.links.gpu, row.links.architecture, row.kind, row.ranks, row.links.inside}][octave].push_back(
        std::log(row.seconds / modelled(row, constants)));
  }
  std::vector<collective_curve> curves;
  for (auto& [key, points] : groups) {
    collective_curve curve{std::get<0>(key), std::get<1>(key), std::get<2>(key), std::get<3>(key), {},
                           std::get<4>(key)};
    std::vector<std::pair<std::size_t, double>> medians;
    for (auto& [octave, values] : points) {
      std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
      medians.emplace_back(octave, values[values.size() / 2]);
    }
    for (std::size_t i = 0; i < collective_curve::sizes; ++i) {
      const auto above = std::lower_bound(medians.begin(), medians.end(), std::pair(i, -1e300));
      double value;
      if (above == medians.end()) {
        value = medians.back().second;
      } else if (above == medians.begin() || above->first == i) {
        value = above->second;
      } else {
        const auto& [left, at_left] = *std::prev(above);
        const double part = static_cast<double>(i - left) / static_cast<double>(above->first - left);
        value = at_left * (1 - part) + above->second * part;
      }
      curve.log_residual[i] = static_cast<float>(value);
    }
    curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace gpubench::predictor
