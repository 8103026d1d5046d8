#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "capacity/demand.hpp"

namespace gpubench::capacity {

/// How long work may wait before it is begun, and how much of it may wait longer.
struct service_level {
  double wait_seconds = 10;
  double max_late_fraction = 0.01;
};

/// What a fleet did for the work that arrived, in units.
struct service_outcome {
  double arrived_units = 0;
  double served_units = 0;
  double late_units = 0;     ///< waited longer than the service level says, those still waiting at the end included
  double backlog_units = 0;  ///< still waiting at the end; arrived = served + backlog
  double peak_backlog_units = 0;
  double longest_wait_seconds = 0;  ///< to the minute

  double late_fraction() const { return arrived_units > 0 ? late_units / arrived_units : 0; }
};

/// Cumulative arrivals as a function of time, straight within a minute: what arrived until `wait_seconds` before the
/// start of a step has run out of time when the step begins.
class deadline_curve {
 public:
  /// @param arrived  as cumulative_units() gives it; must outlive this
  deadline_curve(const std::vector<double>& arrived, double wait_seconds)
      : arrived_(arrived.data()),
        lag_(static_cast<std::size_t>(wait_seconds / step_seconds)),
        part_(wait_seconds / step_seconds - static_cast<double>(lag_)) {}

  double due_before(std::size_t step) const {
    if (step <= lag_) return 0;
    const double* at = arrived_ + (step - lag_);
    return at[0] - part_ * (at[0] - at[-1]);
  }

 private:
  const double* arrived_;
  std::size_t lag_;
  double part_;
};

/// A first-in, first-out queue of divisible work in steps of a minute: what waits and what arrives is served as far as
/// the minute's capacity goes. A unit is late when it still waits at the end of the minute in which its time runs out.
/// Valid where a minute holds many requests; waiting within a minute, for a slot or a batch, is not in it.
class fluid_queue {
 public:
  /// @param arrived  as cumulative_units() gives it; must outlive this
  fluid_queue(const std::vector<double>& arrived, double wait_seconds)
      : arrived_(arrived.data()), steps_(arrived.size() - 1), deadlines_(arrived, wait_seconds) {}

  /// Serves the next step; once for each.
  void serve(double capacity_units) {
    const double all = arrived_[step_ + 1];
    const bool waited = served_ < arrived_[step_];
    const double before = served_;
    served_ = std::min(all, served_ + capacity_units);
    if (waited) {
      const double due = deadlines_.due_before(step_);
      if (due > before) late_ += std::min(due, served_) - before;
    }
    ++step_;
    if (served_ < all) {
      note_backlog(all - served_);
    } else {
      head_ = step_;
    }
  }

  service_outcome outcome() const {
    service_outcome done;
    done.arrived_units = arrived_[steps_];
    done.served_units = served_;
    done.backlog_units = arrived_[steps_] - served_;
    done.late_units = late_ + std::max(0.0, deadlines_.due_before(steps_) - served_);
    done.peak_backlog_units = peak_backlog_;
    done.longest_wait_seconds = static_cast<double>(longest_wait_steps_) * step_seconds;
    return done;
  }

 private:
  void note_backlog(double backlog) {
    peak_backlog_ = std::max(peak_backlog_, backlog);
    while (arrived_[head_ + 1] <= served_) ++head_;  // the minute in which the first that waits arrived
    longest_wait_steps_ = std::max(longest_wait_steps_, step_ - head_);
  }

  const double* arrived_;
  std::size_t steps_;
  deadline_curve deadlines_;
  std::size_t step_ = 0;
  double served_ = 0;
  double late_ = 0;
  double peak_backlog_ = 0;
  std::size_t head_ = 0;
  std::size_t longest_wait_steps_ = 0;
};

}  // namespace gpubench::capacity
