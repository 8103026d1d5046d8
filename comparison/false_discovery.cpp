#include "comparison/false_discovery.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace gpubench::comparison {

std::vector<double> benjamini_hochberg(const std::vector<double>& p) {
  std::vector<std::size_t> falling(p.size());
  std::iota(falling.begin(), falling.end(), std::size_t{0});
  std::sort(falling.begin(), falling.end(), [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  std::vector<double> adjusted(p.size());
  const auto tests = static_cast<double>(p.size());
  double least = 1;
  for (std::size_t i = 0; i < falling.size(); ++i) {
    const auto rank = static_cast<double>(falling.size() - i);
    least = std::min(least, p[falling[i]] * tests / rank);
    adjusted[falling[i]] = least;
  }
  return adjusted;
}

}  // namespace gpubench::comparison
