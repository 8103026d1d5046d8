#pragma once

#include "models/operators.hpp"

#include <array>
#include <span>
#include <string_view>

#include "predictor/estimate.hpp"
#include "predictor/gpu_traits.hpp"

namespace gpubench::predictor {

/// How a kernel reaches the GPU: from a captured graph or a full queue, where the host's work is hidden, or alone from
/// a framework's eager call, whose dispatch sets a floor on what is seen of it.
enum class launch { captured, eager };

/// Octaves that hold the two apart in the space of shapes: what a host adds to an eager call says nothing of a kernel.
inline float launch_distance(launch how) {
  return how == launch::eager ? 0.0F : 8.0F;
}

/// One execution of one operator.
struct operator_call {
  models::operator_shape shape;
  models::precision precision = models::precision::fp32;
  launch how = launch::captured;
};

/// Device time of an operator and what sets it.
struct kernel_time {
  double seconds = 0;
  bound bound_by = bound::memory;
};

/// A number that an analytic model leaves open and that measurements fix. All are positive, and are fitted as their
/// logarithm.
struct coefficient {
  std::string_view name;
  double typical = 1;   ///< before any measurement
  double low = 0;       ///< never below
  double high = 1;      ///< never above
  double spread = 0.2;  ///< expected standard deviation of its logarithm between devices: how hard the fit holds on to
                        ///< what other devices say
  /// The host's, not the GPU's: that of a GPU without measurements is the lower median, not that of the likest GPU.
  bool of_host = false;
};

inline constexpr std::size_t most_features = 6;
using feature_vector = std::array<float, most_features>;  ///< unused ones are 0

/// One family of operators: an analytic model of their time, its open coefficients, and the coordinates in which two
/// shapes are near each other.
struct operator_family {
  std::string_view name;  ///< "gemm_vector"
  std::span<const coefficient> coefficients;
  bool (*covers)(const operator_call& call) = nullptr;
  /// @param values  one for each coefficient, in order
  kernel_time (*time)(const gpu_traits& on, const operator_call& call, const double* values) = nullptr;
  /// Logarithms to base 2 of the sizes, so that a distance of 1 is an octave.
  feature_vector (*features)(const operator_call& call) = nullptr;
};

/// All families, each in a file of its own.
std::span<const operator_family* const> operator_families();

/// The family that models this operator.   @throws error: internal when there is none.
const operator_family& family_of(const operator_call& call);

}  // namespace gpubench::predictor
