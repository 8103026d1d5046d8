#pragma once

#include "bench/cuda/module/worst_error.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::cuda {

/// Largest error of each step, in units of what rounding explains: right up to 1. NaN once, NaN for good.
class step_errors {
 public:
  void add(const std::string& step, double error);
  void add(const step_errors& others);
  double worst() const;
  /// Those above 1, the worst first: "gating's gradient (7.5), ..."; empty where there is none.
  std::string wrong() const;
  std::size_t size() const noexcept { return errors_.size(); }

 private:
  std::vector<std::pair<std::string, worst_error>> errors_;
};

}  // namespace gpubench::cuda
