#include "serving/availability.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <boost/math/distributions/binomial.hpp>

namespace gpubench::serving {

double availability_of(std::int64_t needed, std::int64_t rented, double unit_availability) {
  if (needed <= 0) return 1;
  if (needed > rented) return 0;
  const boost::math::binomial_distribution<double> up(static_cast<double>(rented), unit_availability);
  return boost::math::cdf(boost::math::complement(up, static_cast<double>(needed - 1)));
}

std::int64_t spares_for(std::int64_t needed, double unit_availability, double target) {
  const std::int64_t most = 1000 + 4 * needed;
  for (std::int64_t spare = 0; spare <= most; ++spare)
    if (availability_of(needed, needed + spare, unit_availability) >= target) return spare;
  throw error(
      error_kind::usage,
      fmt::format("no number of spare instances reaches an availability of {} % where each is up {} % of the time",
                  100 * target, 100 * unit_availability),
      "state a higher availability of one instance, or ask for less");
}

}  // namespace gpubench::serving
