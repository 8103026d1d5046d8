#include "bench/cuda/module/race.hpp"

#include "bench/cuda/module/median.hpp"

#include <algorithm>

namespace gpubench::cuda {

namespace {

constexpr double near_the_best = 1.1;

bool faster(const race_place& left, const race_place& right) {
  return left.time_ns < right.time_ns;
}

}  // namespace

std::vector<race_place> race(std::size_t contestants, const std::function<std::optional<double>(std::size_t)>& time_ns,
                             const std::function<std::optional<double>(std::size_t)>& again_ns,
                             const std::function<bool(double share)>& out_of_time, std::size_t kept) {
  constexpr std::size_t most_in_second_round = 5;
  constexpr int turns = 3;
  constexpr double first_round_share = 0.6;
  std::vector<race_place> places;
  for (std::size_t i = 0; i < contestants; ++i) {
    if (!places.empty() && out_of_time(first_round_share)) break;
    if (const auto time = time_ns(i)) places.push_back({i, *time});
  }
  if (places.empty()) return places;
  std::stable_sort(places.begin(), places.end(), faster);
  const double limit_ns = places.front().time_ns * near_the_best;
  std::vector<std::size_t> near;  // contestants, in order of time
  for (const auto& place : places) {
    if (place.time_ns <= limit_ns && near.size() < most_in_second_round) near.push_back(place.contestant);
  }
  const auto again = std::stable_partition(places.begin(), places.end(), [&](const race_place& place) {
    return place.contestant < kept || std::find(near.begin(), near.end(), place.contestant) != near.end();
  });
  std::vector<std::vector<double>> times(static_cast<std::size_t>(again - places.begin()));
  // A turn that was begun is run to its end: all contestants have as many.
  for (int turn = 0; turn < turns && times.size() > 1 && !out_of_time(1); ++turn) {
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (const auto time = again_ns(places[i].contestant)) times[i].push_back(*time);
    }
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!times[i].empty()) places[i].time_ns = median(times[i]);
  }
  std::stable_sort(places.begin(), again, faster);
  return places;
}

std::vector<race_place> race_alone(std::vector<race_place> places,
                                   const std::function<std::optional<double>(std::size_t)>& alone_ns) {
  constexpr std::size_t most = 3;
  if (places.size() < 2) return places;
  const double limit_ns = places.front().time_ns * near_the_best;
  std::vector<race_place> timed, others, failed;
  for (auto& place : places) {
    const bool is_near = timed.size() + failed.size() < most && place.time_ns <= limit_ns;
    const auto alone = is_near ? alone_ns(place.contestant) : std::nullopt;
    if (alone) place.time_ns = *alone;
    (!is_near ? others : alone ? timed : failed).push_back(place);
  }
  std::stable_sort(timed.begin(), timed.end(), faster);
  for (const auto* rest : {&others, &failed}) timed.insert(timed.end(), rest->begin(), rest->end());
  return timed;
}

}  // namespace gpubench::cuda
