#pragma once

namespace gpubench::cuda {

/// Largest of many errors; NaN once, NaN for good.
class worst_error {
 public:
  void add(double error) {
    if (worst_ == worst_ && !(error <= worst_)) worst_ = error;
  }
  double get() const { return worst_; }

 private:
  double worst_ = 0;
};

}  // namespace gpubench::cuda
