#include "serving/generated_requests.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <cmath>
#include <utility>

namespace gpubench::serving {

generated_requests::generated_requests(request_mix mix, std::uint64_t seed, std::int64_t count)
    : mix_(std::move(mix)), arrivals_(3 * seed), prompts_(3 * seed + 1), outputs_(3 * seed + 2), left_(count) {
  if (!(mix_.rate_per_second > 0) || !std::isfinite(mix_.rate_per_second))
    throw error(error_kind::usage, "a rate of requests must be above 0");
  if (!(mix_.interval_cv >= 0 && mix_.interval_cv <= 20))
    throw error(error_kind::usage, "the coefficient of variation of arrivals must be 0 to 20",
                "1 is Poisson, 0 a metronome, 2 to 4 bursty");
}

std::size_t generated_requests::read(std::span<request> block) {
  const auto n = static_cast<std::size_t>(std::min<std::int64_t>(left_, static_cast<std::int64_t>(block.size())));
  left_ -= static_cast<std::int64_t>(n);
  block = block.first(n);
  const auto place = [&](double interval, request& r) {
    unit_time_ += interval;
    r.arrival_seconds = unit_time_ / mix_.rate_per_second;
  };
  if (mix_.interval_cv == 0) {
    for (request& r : block) place(1, r);
  } else if (mix_.interval_cv == 1) {
    boost::random::exponential_distribution<double> exponential;
    for (request& r : block) place(exponential(arrivals_), r);
  } else {
    const double shape = 1 / (mix_.interval_cv * mix_.interval_cv);
    boost::random::gamma_distribution<double> gamma(shape, 1 / shape);
    for (request& r : block) place(gamma(arrivals_), r);
  }
  lengths_.resize(n);
  mix_.prompts.draw(prompts_, lengths_);
  for (std::size_t i = 0; i < n; ++i) block[i].prompt_tokens = lengths_[i];
  mix_.outputs.draw(outputs_, lengths_);
  for (std::size_t i = 0; i < n; ++i) block[i].output_tokens = lengths_[i];
  return n;
}

}  // namespace gpubench::serving
