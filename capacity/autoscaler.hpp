#pragma once

#include <span>
#include <vector>

#include "capacity/duration_curve.hpp"
#include "capacity/fluid_queue.hpp"

namespace gpubench::capacity {

/// An autoscaler that follows demand. Durations are rounded up to whole minutes.
struct autoscaler_settings {
  double interval_seconds = 60;     ///< between decisions
  double window_seconds = 60;       ///< over which demand is averaged
  double target_utilisation = 0.7;  ///< of an instance's rate, in (0, 1]
  /// For how long more, or fewer, instances must have been wanted before they are had. The defaults are SkyServe's
  /// (SkyPilot documentation, "Autoscaling": upscale_delay_seconds, downscale_delay_seconds).
  double up_delay_seconds = 300;
  double down_delay_seconds = 1200;
  /// A new instance is paid from its launch and serves after these.
  double boot_seconds = 60, image_seconds = 120, weights_seconds = 60;
  int min_instances = 1;
  int max_instances = 1'000'000;

  double ready_seconds() const { return boot_seconds + image_seconds + weights_seconds; }
};

/// @throws error: usage, naming the value that is out of its range.
void check(const autoscaler_settings& settings);

/// Instances that are paid for at each step, starting ones included, and how they served.
struct scaled_fleet {
  fleet paid;
  service_outcome service;
};

/// Simulates the fleet: at every interval target = ceil(mean demand of the window / (rate * target utilisation)),
/// within the limits. It is followed once it has stayed above (below) the present target for the up (down) delay. The
/// first minute's fleet is there from the start; starting instances are the first to be given up.
/// @param arrived           cumulative units, as cumulative_units() gives them
/// @param units_per_second  of one instance
/// @param hourly_floor      least number of ready instances in each hour, launched so early that they are ready when it
///                          begins; empty for none
scaled_fleet autoscale(const std::vector<double>& arrived, const service_level& wanted, double units_per_second,
                       const autoscaler_settings& settings, std::span<const int> hourly_floor);

/// The schedule that the previous period teaches: for each hour the highest windowed demand of the same hour one period
/// before, in units per second, and 0 in the first period. The period is a week, or a day where the series has less
/// than two weeks.
std::vector<double> hourly_profile(const std::vector<double>& arrived, double window_seconds);

/// ceil(profile / (rate * target utilisation)) for each hour.
std::vector<int> floor_of(const std::vector<double>& profile, double units_per_second,
                          const autoscaler_settings& settings);

}  // namespace gpubench::capacity
