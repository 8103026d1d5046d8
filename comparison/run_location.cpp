#include "comparison/run_location.hpp"

#include "core/error.hpp"
#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "comparison/ranks.hpp"

namespace gpubench::comparison {
namespace {

constexpr std::size_t most_units = 200;
constexpr double pi = 3.14159265358979323846;

double quantile_of(std::vector<double> values, sample_quantile at) {
  std::sort(values.begin(), values.end());
  return sorted_quantile(values, at == sample_quantile::median ? 0.5 : 0.25);
}

std::vector<double> centred_ranks(const std::vector<double>& values) {
  std::vector<double> centred;
  const auto middle = static_cast<double>(values.size() + 1);
  for (const auto doubled : rank(values).doubled) centred.push_back((static_cast<double>(doubled) - middle) / 2);
  return centred;
}

// Of independent units. The interquartile range rather than the standard deviation, as the median feels no spikes.
std::optional<double> sampling_variance_of(std::vector<double> units) {
  if (units.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(units.size());
  double deviation = *summarize(units).stddev;
  if (units.size() >= 8) {
    std::sort(units.begin(), units.end());
    constexpr double normal_quartiles = 1.349;  // between the quartiles of a standard normal distribution
    deviation = (sorted_quantile(units, 0.75) - sorted_quantile(units, 0.25)) / normal_quartiles;
  }
  return pi / 2 * deviation * deviation / n;  // of a median, for values that are normally distributed
}

}  // namespace

double integrated_autocorrelation(const std::vector<double>& samples) {
  const auto n = samples.size();
  if (n < 8) return 1;
  const auto x = centred_ranks(samples);
  const double variance = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
  if (!(variance > 0)) return 1;
  const auto correlation = [&](std::size_t lag) {
    return std::inner_product(x.begin(), x.end() - static_cast<std::ptrdiff_t>(lag),
                              x.begin() + static_cast<std::ptrdiff_t>(lag), 0.0) /
           variance;
  };
  double time = -1;
  for (std::size_t lag = 0; lag + 1 < n / 2; lag += 2) {
    const double pair = correlation(lag) + correlation(lag + 1);
    if (pair <= 0) break;
    time += 2 * pair;
  }
  return std::max(1.0, time);
}

std::vector<double> independent_units(const std::vector<double>& samples, sample_quantile at) {
  const auto n = samples.size();
  const auto correlated = static_cast<std::size_t>(std::ceil(integrated_autocorrelation(samples)));
  const std::size_t least = at == sample_quantile::median ? 1 : least_quartile_block;
  const std::size_t length = std::max({least, correlated, (n + most_units - 1) / most_units});
  const std::size_t count = std::max<std::size_t>(1, n / length);
  std::vector<double> units;
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = static_cast<std::ptrdiff_t>(i * length);
    const auto end = i + 1 == count ? samples.end() : samples.begin() + begin + static_cast<std::ptrdiff_t>(length);
    units.push_back(quantile_of({samples.begin() + begin, end}, at));
  }
  return units;
}

run_location locate(const std::vector<double>& samples_ns, sample_quantile at) {
  std::vector<double> logs;
  for (const double sample : samples_ns) {
    if (!(sample > 0)) throw error(error_kind::internal, "the location of a time that is not above 0");
    logs.push_back(std::log(sample));
  }
  run_location found;
  found.log_time = quantile_of(logs, at);
  found.units = independent_units(logs, at);
  found.sampling_variance = sampling_variance_of(found.units);
  return found;
}

}  // namespace gpubench::comparison
