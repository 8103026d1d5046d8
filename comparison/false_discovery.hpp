#pragma once

#include <vector>

namespace gpubench::comparison {

/// The p values of several tests, adjusted so that calling all those at most q differing leaves an expected share of at
/// most q false ones among them; where nothing differs at all, the chance of any call is at most q. Keeps the order.
/// Source: Benjamini & Hochberg, "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57
/// (1995).
std::vector<double> benjamini_hochberg(const std::vector<double>& p);

}  // namespace gpubench::comparison
