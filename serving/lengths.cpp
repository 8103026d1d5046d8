#include "serving/lengths.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>

namespace gpubench::serving {
namespace {

constexpr double most_tokens = 2147483647;

std::uint32_t whole(double tokens) {
  return static_cast<std::uint32_t>(std::clamp(tokens, 1.0, most_tokens));
}

}  // namespace

length_distribution length_distribution::fixed(std::uint32_t tokens) {
  length_distribution d;
  d.mean_ = whole(tokens);
  return d;
}

length_distribution length_distribution::lognormal(double mean_tokens, double cv) {
  if (!(mean_tokens >= 1 && mean_tokens <= most_tokens) || !(cv >= 0 && cv <= 20))
    throw error(error_kind::usage,
                "lengths need a mean of at least one token and a coefficient of variation of 0 to 20");
  length_distribution d;
  d.mean_ = mean_tokens;
  if (cv == 0) {
    d.mean_ = std::round(mean_tokens);
    return d;
  }
  d.form_ = form::lognormal;
  const double variance = std::log1p(cv * cv);
  d.sigma_ = std::sqrt(variance);
  d.mu_ = std::log(mean_tokens) - variance / 2;
  return d;
}

length_distribution length_distribution::exponential(double mean_tokens) {
  length_distribution d;
  d.form_ = form::exponential;
  d.mean_ = mean_tokens;
  return d;
}

length_distribution length_distribution::empirical(std::vector<std::uint32_t> tokens) {
  if (tokens.empty() || std::find(tokens.begin(), tokens.end(), 0U) != tokens.end())
    throw error(error_kind::usage, "an empirical distribution of lengths needs lengths, each of at least one token");
  length_distribution d;
  d.form_ = form::empirical;
  d.mean_ = std::accumulate(tokens.begin(), tokens.end(), 0.0) / static_cast<double>(tokens.size());
  d.values_ = std::move(tokens);
  return d;
}

void length_distribution::draw(std::mt19937_64& random, std::span<std::uint32_t> out) const {
  switch (form_) {
    case form::fixed:
      std::fill(out.begin(), out.end(), whole(mean_));
      break;
    case form::lognormal: {
      boost::random::normal_distribution<double> normal(mu_, sigma_);
      for (std::uint32_t& tokens : out) tokens = whole(std::exp(normal(random)) + 0.5);
      break;
    }
    case form::exponential: {
      boost::random::exponential_distribution<double> exponential(1 / mean_);
      for (std::uint32_t& tokens : out) tokens = whole(std::ceil(exponential(random)));
      break;
    }
    case form::empirical: {
      boost::random::uniform_int_distribution<std::size_t> place(0, values_.size() - 1);
      for (std::uint32_t& tokens : out) tokens = values_[place(random)];
      break;
    }
  }
}

}  // namespace gpubench::serving
