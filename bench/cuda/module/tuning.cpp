#include "bench/cuda/module/tuning.hpp"

#include "bench/cuda/module/median.hpp"

#include <algorithm>
#include <vector>

namespace gpubench::cuda {

namespace {

using std::chrono::nanoseconds;

constexpr double worth_a_second_look = 1.1;
constexpr std::size_t most_finalists = 8;
constexpr int rounds = 4;

struct candidate {
  std::size_t index = 0;
  std::vector<double> times_ns;

  double median_ns() const { return median(times_ns); }
};

bool faster(const candidate& left, const candidate& right) {
  return left.median_ns() < right.median_ns();
}

}  // namespace

tuning_result fastest_of(std::size_t candidates, const std::function<double(std::size_t)>& measure_ns,
                         const std::function<nanoseconds()>& now, nanoseconds limit) {
  const nanoseconds start = now();
  const auto time_is_up = [&] { return now() - start >= limit; };
  std::vector<candidate> field;
  for (std::size_t i = 0; i < candidates; ++i) {
    if (i > 0 && time_is_up()) break;
    field.push_back({i, {measure_ns(i)}});
  }
  tuning_result result;
  result.measured = field.size();
  std::stable_sort(field.begin(), field.end(), faster);
  const double bound_ns = field.front().median_ns() * worth_a_second_look;
  while (field.size() > most_finalists || field.back().median_ns() > bound_ns) field.pop_back();
  result.finalists = field.size();
  for (int round = 0; round < rounds && field.size() > 1; ++round) {
    if (time_is_up()) break;
    // A round that has begun is ended: candidates with more samples than others would not compare.
    for (auto& one : field) one.times_ns.push_back(measure_ns(one.index));
  }
  result.best = std::min_element(field.begin(), field.end(), faster)->index;
  return result;
}

tuning_result fastest_of(std::size_t candidates, const std::function<double(std::size_t)>& measure_ns) {
  return fastest_of(
      candidates, measure_ns, [] { return std::chrono::steady_clock::now().time_since_epoch(); },
      std::chrono::seconds(1));
}

}  // namespace gpubench::cuda
