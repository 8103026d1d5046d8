#pragma once

#include <memory>
#include <vector>

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// ln(measured / predicted) of one shape on one GPU: what a fit leaves over.
struct residual_point {
  feature_vector at{};
  float log_residual = 0;
};

/// What measured shapes near an asked one say about it.
struct residual_lookup {
  double log_residual = 0;  ///< to be added to the logarithm of the predicted time
  double distance = 1e9;    ///< to the nearest measured shape, in octaves
};

/// The residuals of one family on one GPU over the space of shapes, as efficiencies in logarithms: the mean of the
/// nearest shapes weighted by inverse squared distance, drawn towards 0 as if a shape that fits exactly lay two octaves
/// away, and halved with each octave that the nearest measured shape is farther than two, so that far from all
/// measurements the analytic model stands alone. Never beyond the residuals it averages.
class residual_surface {
 public:
  residual_surface() = default;
  explicit residual_surface(std::vector<residual_point> points);

  bool empty() const { return points_ == nullptr; }
  residual_lookup at(const feature_vector& where) const;

 private:
  struct index;
  std::shared_ptr<const index> points_;
};

}  // namespace gpubench::predictor
