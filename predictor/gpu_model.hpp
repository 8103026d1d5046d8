#pragma once

#include <array>
#include <vector>

#include "predictor/operator_calibration.hpp"

namespace gpubench::predictor {

/// Predicts operators on one GPU: the analytic model of each family with the coefficients that its calibration holds
/// for this GPU, corrected by what was measured at shapes near the asked one.
///
/// Order of trust: measured at this shape, interpolated between shapes within two octaves, coefficients fitted on this
/// GPU, on its architecture, on other architectures (the data sheet carries the difference).
class gpu_model {
 public:
  /// @param known  must outlive the model
  gpu_model(const gpu_traits& on, const operator_calibration& known);

  const gpu_traits& on() const { return on_; }
  estimate time(const operator_call& call) const;

 private:
  struct family_state {
    const operator_family* family = nullptr;
    const family_calibration* known = nullptr;
    const calibrated_device* own = nullptr;
    std::vector<double> coefficients;
    nearness near = nearness::other;
  };

  gpu_traits on_;
  std::vector<family_state> families_;
};

}  // namespace gpubench::predictor
