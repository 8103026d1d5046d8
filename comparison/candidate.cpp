#include "comparison/candidate.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace gpubench::comparison {
namespace {

/// Half the variance is asked for, so that chance seldom chooses, and as many runs.
bool is_quieter(const view& a, const view& b) {
  const auto &first = a.noise.known, &second = b.noise.known;
  return first && second && first->degrees >= second->degrees && 2 * first->variance < second->variance;
}

/// CPU time that others took while these were measured, as a fraction of all cores; median.
std::optional<double> competing_load_of(const measurements& ok) {
  std::vector<double> loads;
  for (const auto* m : ok)
    if (m->device == "cpu" && m->telemetry.competing_load) loads.push_back(*m->telemetry.competing_load);
  return loads.empty() ? std::nullopt : std::optional(summarize(loads).median);
}

bool have_lower_quartiles(const measurements& ok) {
  return std::all_of(ok.begin(), ok.end(), [](const results::measurement* m) { return has_lower_quartile(*m); });
}

/// What a profile knows of a view. One that does not know lower quartiles is taken to know that they vary no more than
/// medians.
std::optional<profiled_variance> profiled_in(const benchmark_noise* profiled, judged_unit unit, sample_quantile at) {
  if (!profiled) return std::nullopt;
  const bool is_quartile = at == sample_quantile::lower_quartile && profiled->lower_quartile;
  const auto& known = is_quartile ? *profiled->lower_quartile : profiled->median;
  const auto deviation = unit == judged_unit::time ? std::optional(known.run_deviation) : known.cycles_deviation;
  if (!deviation) return std::nullopt;
  return profiled_variance{*deviation, known.sampling_deviation, profiled->runs};
}

void add_views(candidate& made, const pair_of_sides& sides, const benchmark_noise* profiled, sample_quantile at) {
  const auto add = [&](judged_unit unit, side_data base, side_data fresh) {
    const auto noise = run_variance_of(base, fresh, profiled_in(profiled, unit, at));
    made.views.push_back({unit, at, std::move(base), std::move(fresh), noise, {}});
  };
  add(judged_unit::time, data_of(sides.base, at), data_of(sides.fresh, at));
  auto base = cycles_of(sides.base, at), fresh = cycles_of(sides.fresh, at);
  if (base && fresh) add(judged_unit::cycles, std::move(*base), std::move(*fresh));
}

}  // namespace

const view* candidate::find(judged_unit unit, sample_quantile at) const {
  const auto is_wanted = [&](const view& v) { return v.unit == unit && v.at == at; };
  const auto found = std::find_if(views.begin(), views.end(), is_wanted);
  return found == views.end() ? nullptr : &*found;
}

candidate candidate_of(std::size_t row, const pair_of_sides& sides, const benchmark_noise* profiled) {
  candidate made{row, {}, 0, {competing_load_of(sides.base), competing_load_of(sides.fresh)}};
  add_views(made, sides, profiled, sample_quantile::median);
  if (have_lower_quartiles(sides.base) && have_lower_quartiles(sides.fresh))
    add_views(made, sides, profiled, sample_quantile::lower_quartile);
  for (std::size_t place = 1; place < made.views.size(); ++place)
    if (is_quieter(made.views[place], made.decisive())) made.decisive_place = place;
  return made;
}

}  // namespace gpubench::comparison
