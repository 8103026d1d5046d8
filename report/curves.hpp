#pragma once

#include "report/document.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::report {

/// Bus bandwidth of one collective over the size of its message, as each run has it.
struct collective_curve {
  struct point {
    double bytes = 0, busbw_bytes_per_second = 0;
    std::optional<double> low, high;  ///< 95 % interval
  };
  struct series {
    std::string label;          ///< the run, and what else tells it from the others: "a, ranks=8"
    std::vector<point> points;  ///< by size
  };
  std::string benchmark;
  std::vector<series> all;
};

/// Collectives of which some series has two sizes at least, in order of appearance.
std::vector<collective_curve> collective_curves(const document& content);

}  // namespace gpubench::report
