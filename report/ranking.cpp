#include "report/ranking.hpp"

#include "report/figures.hpp"
#include "report/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

namespace gpubench::report {
namespace {

std::size_t limited(std::size_t size, std::size_t max_rows) {
  return max_rows == 0 ? size : std::min(size, max_rows);
}

// "memory 62 %": the share says how firmly the bound holds.
std::string bound_cell(const planner::candidate& c) {
  const auto share = main_share(c);
  return std::string(predictor::to_string(c.step.bound_by)) + (share ? " " + percent(*share) : std::string());
}

// The expected cost and its interval carried over to a unit of work: both are the same estimate.
std::string per_million(const planner::candidate& c) {
  if (!std::isfinite(c.usd_per_million_units)) return unknown_mark;
  if (!(c.expected_cost_usd > 0)) return fixed(c.usd_per_million_units, 2);
  const double scale = c.usd_per_million_units / c.expected_cost_usd;
  const double usd = c.usd_per_million_units;
  const int decimals = supported_decimals(c.cost_low_usd * scale, c.cost_high_usd * scale);
  const int magnitude = usd > 0 ? static_cast<int>(std::floor(std::log10(usd))) : 0;
  return fixed(usd, std::clamp(decimals, -magnitude, 3 - magnitude));
}

}  // namespace

std::vector<std::size_t> cheapest_regions(const planner::recommendation& answer, std::size_t limit) {
  std::set<std::tuple<const profiles::instance*, int, std::string, bool>> seen;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < answer.ranked.size() && (limit == 0 || places.size() < limit); ++i) {
    const auto& c = answer.ranked[i];
    if (seen.insert({c.instance, c.nodes, c.price ? price_model_name(*c.price) : std::string(), c.helpers.has_value()})
            .second)
      places.push_back(i);
  }
  return places;
}

shown_places places_to_show(const planner::recommendation& answer, const style& look) {
  shown_places shown;
  if (look.wide) {
    shown.places.resize(answer.ranked.size());
    std::iota(shown.places.begin(), shown.places.end(), std::size_t{0});
  } else {
    shown.places = cheapest_regions(answer, 0);
  }
  shown.of_what = look.wide ? "every region counted" : "each in its cheapest region";
  const std::size_t all = shown.places.size();
  if (look.max_rows > 0 && all > look.max_rows) shown.places.resize(look.max_rows);
  shown.more = all - shown.places.size();
  return shown;
}

grid ranking_grid(const planner::recommendation& answer, const std::vector<std::size_t>& places) {
  grid cells;
  if (answer.ranked.empty()) return cells;
  const auto unit = time_unit_for(answer.ranked.front().job.seconds);
  const bool limited_by_user = answer.limits.deadline_seconds || answer.limits.budget_usd;
  const bool any_old =
      std::any_of(answer.ranked.begin(), answer.ranked.end(), [](const auto& c) { return c.price && c.price_is_old; });
  // Time and cost stand beside the offer, so that a phone shows them without scrolling.
  cells.columns = {{"#", true, 0},
                   {"offer", false, 0},
                   {fmt::format("time {}", unit.name), true, 0},
                   {"cost $", true, 0},
                   {fmt::format("$/M {}s", answer.workload.unit), true, 2}};
  if (limited_by_user) cells.columns.push_back({"P(ok)", true, 1});
  cells.columns.push_back({"region", false, 5});
  cells.columns.push_back({"GPUs", false, 6});
  cells.columns.push_back({"bound", false, 3});
  cells.columns.push_back({"basis", false, 4});
  if (any_old) cells.columns.push_back({"price of", false, 7});
  for (const std::size_t i : places) {
    const auto& c = answer.ranked[i];
    std::vector<std::string> row{
        std::to_string(i + 1), system_name(c),
        with_interval(c.job.seconds / unit.seconds, c.job.low / unit.seconds, c.job.high / unit.seconds),
        with_interval(c.expected_cost_usd, c.cost_low_usd, c.cost_high_usd), per_million(c)};
    if (limited_by_user) row.push_back(probability(c.probability_all_limits));
    row.push_back(region_of(c));
    row.push_back(gpus_of(c));
    row.push_back(bound_cell(c));
    row.push_back(basis_name(c.job.basis));
    if (any_old) row.push_back(price_date_of(c) + (c.price_is_old ? " (old)" : ""));
    cells.rows.push_back(std::move(row));
  }
  return cells;
}

grid rejected_grid(const std::vector<planner::rejection>& rejected, std::size_t max_rows) {
  grid cells;
  cells.columns = {{"offer", false, 0}, {"reason", false, 0}, {"detail", false, 0}};
  for (std::size_t i = 0; i < limited(rejected.size(), max_rows); ++i) {
    const auto& r = rejected[i];
    cells.rows.push_back({rejected_offer_name(r), reason_name(r.reason), r.detail});
  }
  return cells;
}

}  // namespace gpubench::report
