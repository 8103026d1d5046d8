#include "bench/cuda/module/race.hpp"

#include <algorithm>

namespace gpubench::cuda {

std::vector<race_place> race(std::size_t contestants, const std::function<std::optional<double>(std::size_t)>& time_ns,
                             const std::function<bool(double share)>& out_of_time, std::size_t kept) {
  constexpr double near_the_best = 1.1;
  constexpr std::size_t most_in_second_round = 6;
  constexpr int turns = 3;
  constexpr double first_round_share = 0.6;
  const auto faster = [](const race_place& left, const race_place& right) { return left.best_ns < right.best_ns; };
  std::vector<race_place> places;
  for (std::size_t i = 0; i < contestants; ++i) {
    if (!places.empty() && out_of_time(first_round_share)) break;
    if (const auto time = time_ns(i)) places.push_back({i, *time});
  }
  if (places.empty()) return places;
  std::stable_sort(places.begin(), places.end(), faster);
  const double limit_ns = places.front().best_ns * near_the_best;
  std::vector<std::size_t> near;  // contestants, in order of time
  for (const auto& place : places) {
    if (place.best_ns <= limit_ns && near.size() < most_in_second_round) near.push_back(place.contestant);
  }
  const auto again = std::stable_partition(places.begin(), places.end(), [&](const race_place& place) {
    return place.contestant < kept || std::find(near.begin(), near.end(), place.contestant) != near.end();
  });
  for (int turn = 0; turn < turns && again - places.begin() > 1; ++turn) {
    for (auto place = places.begin(); place != again && !out_of_time(1); ++place) {
      if (const auto time = time_ns(place->contestant)) place->best_ns = std::min(place->best_ns, *time);
    }
  }
  std::stable_sort(places.begin(), again, faster);
  return places;
}

}  // namespace gpubench::cuda
