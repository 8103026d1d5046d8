#include "bench/cuda/module/matmul_choice.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/median.hpp"
#include "bench/cuda/module/race.hpp"

#include <algorithm>
#include <utility>

namespace gpubench::cuda {

namespace {

using std::chrono::steady_clock;

/// Of an H200 at its power limit: the clock follows the power within some 100 ms.
constexpr auto until_its_own_clock = std::chrono::milliseconds(250);
/// Three times that must not cost more than the race itself.
constexpr auto least_budget_of_a_race_alone = std::chrono::milliseconds(1000);

/// Algorithm `candidate` of product `product`.
struct contestant {
  std::size_t product = 0;
  int candidate = 0;
};

/// First all the heuristics' first guesses, then the second ones, and so on: where time runs out, the unlikely are
/// left.
std::vector<contestant> contestants_of(const std::vector<matmul*>& products) {
  std::vector<contestant> result;
  for (int candidate = 0;; ++candidate) {
    const std::size_t before = result.size();
    for (std::size_t i = 0; i < products.size(); ++i) {
      if (candidate < products[i]->candidates()) result.push_back({i, candidate});
    }
    if (result.size() == before) return result;
  }
}

}  // namespace

std::string matmul_choice::text() const {
  return "the fastest of " + std::to_string(ran) + " that ran, of " + std::to_string(proposed) + " proposed";
}

std::optional<double> time_of(timer& clock, matmul& product, const matmul_buffers& buffers) {
  const auto work = [&] { product.enqueue(buffers.a, buffers.b, buffers.c); };
  return unless_unsupported([&] {
    // Code is loaded at its first launch, which must not happen behind a blocking kernel.
    clock.unblocked(work);
    return clock.cold(work).device_ns;
  });
}

std::optional<double> settled_time_of(timer& clock, matmul& product, const matmul_buffers& buffers,
                                      std::chrono::nanoseconds enough) {
  const auto start = steady_clock::now();
  std::vector<double> times;
  while (times.size() < 2 || steady_clock::now() - start < enough) {
    const auto time = time_of(clock, product, buffers);
    if (!time) return std::nullopt;
    times.push_back(*time);
  }
  return median({times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end()});
}

void wake_up(timer& clock, matmul& product, const matmul_buffers& buffers) {
  constexpr auto enough = std::chrono::milliseconds(150);
  const auto start = steady_clock::now();
  while (steady_clock::now() - start < enough && time_of(clock, product, buffers)) {
  }
}

matmul_choice choose_fastest(timer& clock, const std::vector<matmul*>& products, const matmul_buffers& buffers,
                             std::chrono::nanoseconds budget) {
  const auto contestants = contestants_of(products);
  const auto start = steady_clock::now();
  const auto in_use = [&](std::size_t i) -> matmul& {
    matmul& product = *products[contestants[i].product];
    product.use(contestants[i].candidate);
    return product;
  };
  // So that three turns of some six fit into what the first round leaves.
  const auto turn = std::min<std::chrono::nanoseconds>(std::chrono::milliseconds(50), budget / 45);
  auto places = race(
      contestants.size(), [&](std::size_t i) { return time_of(clock, in_use(i), buffers); },
      [&](std::size_t i) { return settled_time_of(clock, in_use(i), buffers, turn); },
      [&](double share) { return steady_clock::now() - start > share * budget; }, products.size());
  if (places.empty()) {
    throw failure(GPUBENCH_MODULE_UNSUPPORTED, "none of the algorithms that cuBLASLt proposed takes the problem");
  }
  // A product of more than this takes longer for its two samples than the clock for its change.
  constexpr double longest_ns = 50e6;
  if (budget >= least_budget_of_a_race_alone && !places.empty() && places.front().time_ns <= longest_ns)
    places = race_alone(std::move(places),
                        [&](std::size_t i) { return settled_time_of(clock, in_use(i), buffers, until_its_own_clock); });
  const contestant& fastest = contestants[places.front().contestant];
  products[fastest.product]->use(fastest.candidate);
  return {fastest.product, static_cast<int>(places.size()), static_cast<int>(contestants.size()),
          places.front().time_ns};
}

}  // namespace gpubench::cuda
