#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace gpubench::serving {

/// How many tokens prompts or answers have, each independent of the others; at least 1 and at most 2^31 - 1.
class length_distribution {
 public:
  static length_distribution fixed(std::uint32_t tokens);
  /// Log-normal with this mean and coefficient of variation, rounded; a cv of 0 is fixed().
  /// @throws error: usage unless mean >= 1 and 0 <= cv <= 20.
  static length_distribution lognormal(double mean_tokens, double cv);
  /// Exponential, rounded up: memoryless, as the services of M/M/c.
  static length_distribution exponential(double mean_tokens);
  /// One of these with equal chance.   @throws error: usage for none, or for a length of 0.
  static length_distribution empirical(std::vector<std::uint32_t> tokens);

  double mean_tokens() const { return mean_; }
  void draw(std::mt19937_64& random, std::span<std::uint32_t> out) const;

 private:
  enum class form { fixed, lognormal, exponential, empirical };
  form form_ = form::fixed;
  double mean_ = 1;
  double mu_ = 0, sigma_ = 0;  ///< of the logarithm
  std::vector<std::uint32_t> values_;
};

}  // namespace gpubench::serving
