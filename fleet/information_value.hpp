#pragma once

#include <cstddef>
#include <vector>

namespace gpubench::fleet {

/// What is believed of one alternative's cost: log-normal, independent of the other alternatives.
struct belief {
  double mean_usd = 0;         ///< above 0
  double spread = 0;           ///< standard deviation of the logarithm
  double residual_spread = 0;  ///< that is left of it after a measurement; at least `spread` where none tells more

  /// Standard deviation of the logarithm of the mean that a measurement will leave: with a normal logarithm the two
  /// variances add up to that of today, and the mean of the new mean is today's.
  /// Source: Raiffa & Schlaifer, "Applied Statistical Decision Theory", 1961, chapter 5 (preposterior analysis).
  double spread_of_new_mean() const;
};

/// E[min(X_1, ..., X_k, at_most)] of independent log-normal X with these means and spreads; residual spreads count for
/// nothing. The integral of P(min > x) from 0 on, by adaptive Gauss-Kronrod quadrature to 1e-9 of the result.
/// @param at_most  infinite where nothing else bounds the minimum, which then needs one X
double expected_minimum(const std::vector<belief>& of, double at_most);

/// A choice of the alternative of least expected cost. None of the values below is negative; all are USD.
/// Sources: Howard, "Information Value Theory", IEEE Trans. Systems Science and Cybernetics 2(1), 1966; Raiffa &
/// Schlaifer, 1961, chapters 4 and 5.
class choice {
 public:
  /// @throws error: internal for no alternative, a mean that is not above 0 or a negative spread.
  explicit choice(std::vector<belief> alternatives);

  const std::vector<belief>& alternatives() const { return alternatives_; }
  /// Of least mean; the first of equals.
  std::size_t best() const { return best_; }

  /// Expected value of perfect information: what knowing every cost before the choice saves on average, which is the
  /// expected regret of choosing now.
  double perfect() const;
  /// Expected value of partial perfect information: of knowing the cost of one alternative.
  double perfect_of(std::size_t one) const;
  /// Expected value of sample information: of measuring these, each to its residual spread.
  double of_measuring(const std::vector<std::size_t>& these) const;

 private:
  double saving(const std::vector<belief>& known, const std::vector<bool>& is_known) const;

  std::vector<belief> alternatives_;
  std::size_t best_ = 0;
};

}  // namespace gpubench::fleet
