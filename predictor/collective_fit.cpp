#include "predictor/collective_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "predictor/collectives.hpp"
#include "predictor/log_least_squares.hpp"

namespace gpubench::predictor {
namespace {

double modelled(const collective_observation& row, const collective_constants& constants) {
  return modelled_seconds(row.kind, row.bytes, row.links, row.ranks, switch_adds(row.precision), constants);
}

/// Above the formula or below it: no link's efficiency explains more.
constexpr double most_ratio = 50;

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
  const double ratio = row.seconds / modelled(row, shipped_collectives().constants);
  if (ratio > most_ratio || ratio < 1 / most_ratio)
    return fmt::format("takes {:.3g} times what the formula says: is its time in the unit of its column?", ratio);
  return {};
}

collective_constants constants_of(const std::vector<double>& logarithms) {
  collective_constants c;
  for (std::size_t i = 0; i < collective_constants::count; ++i)
    c.*collective_constants::fields[i] = std::exp(logarithms[i]);
  return c;
}

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
  std::vector<double> from;
  for (const auto field : collective_constants::fields) from.push_back(std::log(start.*field));
  result.constants = start;
  if (!used.empty()) {
    result.constants = constants_of(least_squares(
        from, used.size() + from.size(), [&](const std::vector<double>& logarithms, std::vector<double>& out) {
          constexpr double noise = 0.05, hold = 0.5;
          const collective_constants c = constants_of(logarithms);
          std::size_t at = 0;
          for (const collective_observation* row : used)
            out[at++] = softened(std::log(modelled(*row, c) / row->seconds) / noise);
          for (std::size_t i = 0; i < from.size(); ++i) out[at++] = (logarithms[i] - from[i]) / hold;
        }));
  }
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
