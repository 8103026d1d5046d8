#pragma once

#include "models/precision.hpp"

#include "predictor/device.hpp"
#include "rightsizing/bound.hpp"
#include "rightsizing/summary.hpp"

namespace gpubench::rightsizing {

/// A figure with what it is at the least and at the most, by what was not observed.
struct range {
  double low = 0, expected = 0, high = 0;
};

/// What a device can do, as far as work moves between devices with it.
struct device_rates {
  std::optional<double> tensor_flop_per_second;  ///< dense, at the precision asked for or what stands in for it
  std::optional<double> fp64_flop_per_second, fp32_flop_per_second;
  double bytes_per_second = 0;
  std::optional<double> multiprocessor_hertz;  ///< multiprocessors times clock
};
device_rates rates_of(const predictor::device& on, models::precision tensor_precision);

/// Time that the same work takes on another device, over its time on this one.
///
/// A busy second on the present device is taken apart: arithmetic takes t_c = pipe activity / attainable share of its
/// peak, memory traffic t_m likewise, side by side; the rest of the active time, kernels that reach neither, small ones
/// and gaps between them, keeps its length as long as the other device has as many multiprocessor cycles as were in
/// use.
///   time on the other = max(t_c / r_c, t_m / r_m) + rest * max(1, sm_active / r_sm),  r: its rates over the present
///   ones
/// (the roofline of Williams, Waterman, Patterson, CACM 52(4), 2009, with a remainder). The range is over what can be
/// reached of a peak (0.7 to 0.95), a remainder 10 % shorter or longer, and for an activity that was not observed, over
/// all that it can be.
range time_ratio(const device_summary& of, const device_rates& present, const device_rates& other);

}  // namespace gpubench::rightsizing
