#include "capacity/autoscaler.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace gpubench::capacity {
namespace {

std::size_t steps_of(double seconds) {
  return static_cast<std::size_t>(std::ceil(seconds / step_seconds));
}

/// Instances for a demand, at least 0. Far beyond any limit it is cut, so that it stays a number of the type.
int instances_for(double units_per_second, double units_per_second_each) {
  const double wanted = units_per_second / units_per_second_each;
  if (wanted >= 1e9) return 1'000'000'000;
  const int whole = static_cast<int>(wanted);
  return whole + (wanted > whole ? 1 : 0);
}

/// Instances that run and those that start.
class instance_pool {
 public:
  instance_pool(int ready, std::size_t start_steps) : ready_(ready), launched_(start_steps + 1) {}

  int ready() const { return ready_; }
  int all() const { return ready_ + starting_; }

  void begin_step() {
    slot_ = slot_ + 1 == launched_.size() ? 0 : slot_ + 1;
    starting_ -= launched_[slot_];
    ready_ += launched_[slot_];
    launched_[slot_] = 0;
  }
  /// Launches or gives up instances at the end of a step.
  void become(int target) {
    const int change = target - all();
    if (change > 0) {
      launched_[slot_] += change;
      starting_ += change;
      return;
    }
    int too_many = -change;
    for (std::size_t age = 0; too_many > 0 && starting_ > 0 && age < launched_.size(); ++age) {
      int& launch = launched_[(slot_ + launched_.size() - age) % launched_.size()];  // the newest first
      const int dropped = std::min(launch, too_many);
      launch -= dropped;
      starting_ -= dropped;
      too_many -= dropped;
    }
    ready_ -= too_many;
  }

 private:
  int ready_;
  int starting_ = 0;
  std::vector<int> launched_;  ///< by step modulo the time to start
  std::size_t slot_ = 0;
};

/// A target that follows what is wanted only after it has been wanted for long enough.
class delayed_target {
 public:
  delayed_target(int target, std::size_t up_decisions, std::size_t down_decisions)
      : target_(target), up_needed_(up_decisions), down_needed_(down_decisions) {}

  int value() const { return target_; }
  void raise_to(int least) { target_ = std::max(target_, least); }
  void want(int wanted) {
    up_ = wanted > target_ ? up_ + 1 : 0;
    down_ = wanted < target_ ? down_ + 1 : 0;
    if (up_ > up_needed_ || down_ > down_needed_) {
      target_ = wanted;
      up_ = down_ = 0;
    }
  }

 private:
  int target_;
  std::size_t up_needed_, down_needed_;
  std::size_t up_ = 0, down_ = 0;
};

void require(bool holds, const char* name, double value, const char* range) {
  if (!holds) throw error(error_kind::usage, fmt::format("{} of the autoscaler is {:g}, not {}", name, value, range));
}

}  // namespace

void check(const autoscaler_settings& s) {
  // Written so that a NaN is refused too. A day is beyond what any autoscaler waits.
  const auto duration = [](double value, double least, const char* name) {
    require(value >= least && value <= 86400, name, value, least > 0 ? "from 1 s to a day" : "from 0 s to a day");
  };
  duration(s.interval_seconds, 1, "the interval");
  duration(s.window_seconds, 1, "the window");
  duration(s.up_delay_seconds, 0, "the up delay");
  duration(s.down_delay_seconds, 0, "the down delay");
  duration(s.boot_seconds, 0, "the boot time");
  duration(s.image_seconds, 0, "the time to load the image");
  duration(s.weights_seconds, 0, "the time to load the weights");
  require(s.target_utilisation > 0 && s.target_utilisation <= 1, "the target utilisation", s.target_utilisation,
          "above 0 and at most 1");
  require(s.min_instances >= 0, "the least number of instances", s.min_instances, "0 or more");
  require(s.max_instances >= std::max(1, s.min_instances), "the largest number of instances", s.max_instances,
          "1 or more, and no less than the least");
}

scaled_fleet autoscale(const std::vector<double>& arrived, const service_level& wanted, double units_per_second,
                       const autoscaler_settings& settings, std::span<const int> hourly_floor) {
  const std::size_t steps = arrived.size() - 1;
  const std::size_t interval = std::max<std::size_t>(1, steps_of(settings.interval_seconds));
  const std::size_t window = std::max<std::size_t>(1, steps_of(settings.window_seconds));
  const std::size_t start_steps = steps_of(settings.ready_seconds());
  const double planned_rate = units_per_second * settings.target_utilisation;
  const double capacity = units_per_second * step_seconds;
  const auto floor_at = [&](std::size_t step) {
    if (hourly_floor.empty()) return settings.min_instances;
    const std::size_t hour = std::min(step / steps_per_hour, hourly_floor.size() - 1);
    return std::max(settings.min_instances, hourly_floor[hour]);
  };
  const auto limited = [&](int instances, int least) {
    return std::min(std::max(instances, least), settings.max_instances);
  };

  scaled_fleet result;
  result.paid.resize(steps);
  const int first = limited(instances_for(arrived[1] / step_seconds, planned_rate), floor_at(0));
  const auto decisions = [&](double delay) { return (steps_of(delay) + interval - 1) / interval; };
  delayed_target target(first, decisions(settings.up_delay_seconds), decisions(settings.down_delay_seconds));
  instance_pool pool(first, start_steps);
  fluid_queue queue(arrived, wanted.wait_seconds);
  std::size_t until_decision = interval;
  for (std::size_t step = 0; step < steps; ++step) {
    pool.begin_step();
    result.paid[step] = pool.all();
    queue.serve(pool.ready() * capacity);
    if (--until_decision > 0) continue;
    until_decision = interval;
    const std::size_t from = step + 1 > window ? step + 1 - window : 0;
    const double rate = (arrived[step + 1] - arrived[from]) / (static_cast<double>(step + 1 - from) * step_seconds);
    // What the next minute needs, and what the minute needs in which an instance launched now begins to serve.
    const int least = limited(std::max(floor_at(step + 1), floor_at(step + 1 + start_steps)), 0);
    target.raise_to(least);
    target.want(limited(instances_for(rate, planned_rate), least));
    if (target.value() != pool.all()) pool.become(target.value());
  }
  result.service = queue.outcome();
  return result;
}

std::vector<double> hourly_profile(const std::vector<double>& arrived, double window_seconds) {
  const std::size_t steps = arrived.size() - 1;
  const std::size_t window = std::max<std::size_t>(1, steps_of(window_seconds));
  const std::size_t period = (steps >= 2 * steps_per_week ? steps_per_week : steps_per_day) / steps_per_hour;
  std::vector<double> profile((steps + steps_per_hour - 1) / steps_per_hour);
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t hour = step / steps_per_hour + period;
    if (hour >= profile.size()) break;
    const std::size_t from = step + 1 > window ? step + 1 - window : 0;
    const double rate = (arrived[step + 1] - arrived[from]) / (static_cast<double>(step + 1 - from) * step_seconds);
    profile[hour] = std::max(profile[hour], rate);
  }
  return profile;
}

std::vector<int> floor_of(const std::vector<double>& profile, double units_per_second,
                          const autoscaler_settings& settings) {
  std::vector<int> floor(profile.size());
  const double planned_rate = units_per_second * settings.target_utilisation;
  std::transform(profile.begin(), profile.end(), floor.begin(),
                 [planned_rate](double rate) { return instances_for(rate, planned_rate); });
  return floor;
}

}  // namespace gpubench::capacity
