#include "serving/sizing.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <utility>

#include "serving/mean_field.hpp"

namespace gpubench::serving {
namespace {

// Above it a queue grows for longer than a simulation lasts.
constexpr double most_utilisation = 0.97;
constexpr double most_rate_factor = 1 + most_headroom;

double factor_at(double low, double high, double quantile) {
  const boost::math::normal_distribution<double> standard;
  const double z = boost::math::quantile(standard, quantile) / boost::math::quantile(standard, 0.95);
  return z >= 0 ? std::pow(high, z) : std::pow(low, -z);
}

double step_factor(const model_error& error, double quantile) {
  return factor_at(error.step_low, error.step_high, quantile);
}

}  // namespace

replica_model model_at(const replica_model& predicted, const model_error& error, double quantile) {
  return scaled(predicted, step_factor(error, quantile),
                factor_at(error.first_token_low, error.first_token_high, quantile));
}

sizing::sizing(replica_model predicted, const model_error& error, sizing_question question)
    : predicted_(std::move(predicted)), error_(error), question_(std::move(question)) {
  const traffic& arrivals = *question_.arrivals;
  // Twenty times as long as a request takes in a busy batch, so that the start and the end do not count for much.
  const auto fit = mean_field_capacity(predicted_, arrivals.mean_prompt_tokens(), arrivals.mean_output_tokens(), {});
  const double long_enough = fit ? 20 * fit->e2e_seconds * arrivals.rate_per_second() : 0;
  count_ = arrivals.count_for(
      static_cast<std::int64_t>(std::clamp(long_enough, static_cast<double>(question_.simulated_requests),
                                           10 * static_cast<double>(question_.simulated_requests))));
  const auto users = 2 * static_cast<std::int64_t>(predicted_.batch_limit());
  const auto source = arrivals.requests(std::max<std::int64_t>(2000, 10 * users), 1);
  replica_rate_ = serving::simulate(predicted_, *source, {.closed_loop_users = users}).requests_per_second;
}

simulation_result sizing::simulate(std::int64_t replicas, double quantile, double rate_factor) {
  const auto source = question_.arrivals->requests(count_, rate_factor);
  return serving::simulate(model_at(predicted_, error_, quantile), *source,
                           {.replicas = replicas, .route = question_.route, .warm_up_requests = count_ / 10});
}

double sizing::utilisation(std::int64_t replicas) const {
  return replica_rate_ > 0 ? question_.arrivals->rate_per_second() / (static_cast<double>(replicas) * replica_rate_)
                           : 1e9;
}

bool sizing::keeps(std::int64_t replicas, double quantile, double rate_factor) {
  if (utilisation(replicas) * rate_factor * step_factor(error_, quantile) > most_utilisation) return false;
  const simulation_result found = simulate(replicas, quantile, rate_factor);
  if (found.refused > 0) return false;
  return std::all_of(question_.limits.begin(), question_.limits.end(), [&](const latency_limit& limit) {
    // Answers of one token have no TPOT that could be too long.
    const double seconds = latency_of(found, limit.metric, limit.quantile);
    return !(seconds > limit.seconds);
  });
}

std::optional<std::int64_t> sizing::fewest_replicas() {
  const double busy = utilisation(1) * step_factor(error_, question_.confidence) / most_utilisation;
  if (!(busy < 1e6)) return std::nullopt;
  const std::int64_t least = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(busy)));
  // Far more than that leave each request alone: what they do not keep, none does.
  const std::int64_t most = 32 * least + 32;
  std::int64_t bad = least - 1, good = least;
  for (std::int64_t step = std::max<std::int64_t>(1, least / 8); !keeps(good, question_.confidence); step *= 2) {
    bad = good;
    if (good == most) return std::nullopt;
    good = std::min(most, good + step);
  }
  while (good - bad > 1) {
    const std::int64_t middle = (good + bad) / 2;
    (keeps(middle, question_.confidence) ? good : bad) = middle;
  }
  return good;
}

double sizing::probability_kept(std::int64_t replicas) {
  std::vector<double> quantiles;
  for (int i = 1; i < 20; ++i) quantiles.push_back(0.05 * i);
  quantiles.insert(quantiles.end(), {0.975, 0.99, 0.999, question_.confidence});
  std::sort(quantiles.begin(), quantiles.end());
  const auto broken =
      std::partition_point(quantiles.begin(), quantiles.end(), [&](double q) { return keeps(replicas, q); });
  return broken == quantiles.begin() ? 0 : *std::prev(broken);
}

double sizing::headroom(std::int64_t replicas) {
  const auto at = [&](double factor) { return keeps(replicas, question_.confidence, factor); };
  double good = 0, bad = most_rate_factor;
  if (at(bad)) return bad - 1;
  while (bad - good > 0.01) {
    const double middle = (good + bad) / 2;
    (at(middle) ? good : bad) = middle;
  }
  return good - 1;
}

}  // namespace gpubench::serving
