#pragma once

#include <string>
#include <string_view>

namespace gpubench::predictor {

/// Where a predicted time comes from, best first; the interval widens down the list.
enum class basis {
  measured,      ///< on this device, at this shape
  interpolated,  ///< between measured shapes of this device
  scaled,        ///< measured on another device of the same kind, scaled by the ratio of their rooflines
  calibrated,    ///< model with coefficients fitted on measurements of this device, or of its class
  architecture,  ///< model with coefficients fitted on another device of the same architecture
  data_sheet,    ///< model with coefficients of other kinds of device: the data sheet carries the difference
};
std::string_view to_string(basis b);

/// What sets the time.
enum class bound { compute, memory, interconnect, network, host, overhead };
std::string_view to_string(bound b);

/// A predicted duration with its 90 % interval.
struct estimate {
  double seconds = 0;
  double low = 0;
  double high = 0;
  predictor::basis basis = predictor::basis::calibrated;
  bound bound_by = bound::compute;
};

/// Sum of durations. Errors of operators on one device share a cause (a wrong efficiency), so intervals add linearly,
/// as for fully correlated errors; the basis is the one that contributes most time, the bound likewise.
class estimate_sum {
 public:
  void add(const estimate& part, double count = 1);
  estimate total() const;
  /// Share of the total time by bound, 0 to 1, indexed by static_cast<int>(bound).
  double share(bound b) const;

 private:
  double seconds_ = 0, low_ = 0, high_ = 0;
  double by_bound_[6] = {};
  double by_basis_[6] = {};
};

/// P(duration <= limit) for a log-normal duration with this median and 90 % interval.
double probability_within(const estimate& duration, double limit_seconds);

/// The limit that such a duration keeps with this probability: the inverse of probability_within().
double duration_at_confidence(const estimate& duration, double confidence);

}  // namespace gpubench::predictor
