#include "comparison/other_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::comparison {
namespace {

constexpr double most_uncounted_load = 0.25;
constexpr double most_explained_load = 0.95;

/// Of what the heavier load costs, this much may differ between two equal loads: other work comes and goes, for
/// minutes, so that runs in a row do not show it, and takes caches and memory as well as time.
constexpr double unsteady_part_of_load = 0.5;

/// By how much, of log time, work slows down where others take this share of the cores, if it is handed out as cores
/// come free: what is left is 1 - share. Unknown loads count as none.
double slowed_by(const std::optional<double>& load) {
  return -std::log1p(-std::min(load.value_or(0), most_explained_load));
}

}  // namespace

bool other_work::counts() const {
  return std::max(base.value_or(0), fresh.value_or(0)) > most_uncounted_load;
}

double other_work::explains(double shift) const {
  const double at_base = slowed_by(base), at_fresh = slowed_by(fresh);
  const double more = shift > 0 ? at_fresh - at_base : at_base - at_fresh;
  return std::max(0.0, more) + unsteady_part_of_load * std::max(at_base, at_fresh);
}

bool other_work::could_hide(double limit) const {
  return counts() && std::abs(slowed_by(base) - slowed_by(fresh)) >= limit;
}

std::string other_work::text() const {
  const auto share = [](const std::optional<double>& load) {
    return load ? fmt::format("{:.0f} %", *load * 100) : std::string("an unknown part");
  };
  return fmt::format("other work kept {} of the cores busy at the base and {} at the new side", share(base),
                     share(fresh));
}

}  // namespace gpubench::comparison
