#pragma once

#include <cstddef>
#include <limits>
#include <vector>

namespace gpubench::serving {

/// The least of n values that change one at a time: a complete binary tree of winners. The first of equals wins.
class tournament {
 public:
  tournament(std::size_t n, double value) : leaves_(1) {
    while (leaves_ < n) leaves_ *= 2;
    values_.assign(leaves_, std::numeric_limits<double>::infinity());
    winners_.resize(2 * leaves_);
    for (std::size_t i = 0; i < n; ++i) values_[i] = value;
    for (std::size_t i = 0; i < leaves_; ++i) winners_[leaves_ + i] = i;
    for (std::size_t node = leaves_ - 1; node > 0; --node) winners_[node] = winner_below(node);
  }

  std::size_t winner() const { return winners_[1]; }
  double least() const { return values_[winners_[1]]; }
  void set(std::size_t i, double value) {
    values_[i] = value;
    for (std::size_t node = (leaves_ + i) / 2; node > 0; node /= 2) winners_[node] = winner_below(node);
  }

 private:
  std::size_t winner_below(std::size_t node) const {
    const std::size_t left = winners_[2 * node], right = winners_[2 * node + 1];
    return values_[right] < values_[left] ? right : left;
  }

  std::size_t leaves_;
  std::vector<double> values_;
  std::vector<std::size_t> winners_;  ///< [1] is the root, leaves from leaves_ on
};

}  // namespace gpubench::serving
