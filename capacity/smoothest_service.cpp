#include "capacity/smoothest_service.hpp"

#include <cstddef>

#include "capacity/fluid_queue.hpp"

namespace gpubench::capacity {
namespace {

struct knot {
  std::size_t step = 0;
  double units = 0;
};

double slope(const knot& from, const knot& to) {
  return (to.units - from.units) / static_cast<double>(to.step - from.step);
}

/// The corners that a string from the apex has on one side of the funnel, nearest first.
class chain {
 public:
  bool empty() const { return head_ == corners_.size(); }
  bool is_straight() const { return corners_.size() - head_ == 1; }
  const knot& front() const { return corners_[head_]; }
  knot take_front() { return corners_[head_++]; }
  /// Adds a corner and drops those that it makes superfluous.   @param bends  whether slopes a, then b, keep a corner
  template <class Bends>
  void add(const knot& apex, const knot& corner, Bends bends) {
    while (!empty()) {
      const knot& before = is_straight() ? apex : corners_[corners_.size() - 2];
      if (bends(slope(before, corners_.back()), slope(corners_.back(), corner))) break;
      corners_.pop_back();
    }
    corners_.push_back(corner);
  }

 private:
  std::vector<knot> corners_;  ///< from head_ on
  std::size_t head_ = 0;
};

/// Shortest path through the funnel that opens step by step between a ceiling and a floor.
class taut_string {
 public:
  explicit taut_string(std::size_t steps) { rates_.reserve(steps); }

  void pass(std::size_t step, double floor, double ceiling) {
    const knot above{step, ceiling}, below{step, floor};
    ceiling_.add(apex_, above, [](double a, double b) { return a < b; });
    if (ceiling_.is_straight()) {
      while (!floor_.empty() && slope(apex_, floor_.front()) > slope(apex_, above)) go_to(floor_.take_front());
    }
    floor_.add(apex_, below, [](double a, double b) { return a > b; });
    if (floor_.is_straight()) {
      while (!ceiling_.empty() && slope(apex_, ceiling_.front()) < slope(apex_, below)) go_to(ceiling_.take_front());
    }
  }
  std::vector<double> finish() {
    while (!floor_.empty()) go_to(floor_.take_front());
    return std::move(rates_);
  }

 private:
  void go_to(const knot& corner) {
    const double rate = slope(apex_, corner);
    rates_.resize(corner.step, rate);
    apex_ = corner;
  }

  knot apex_;
  chain ceiling_, floor_;
  std::vector<double> rates_;
};

}  // namespace

std::vector<double> smoothest_service(const std::vector<double>& arrived, double wait_seconds) {
  const deadline_curve deadlines(arrived, wait_seconds);
  const std::size_t steps = arrived.size() - 1;
  taut_string string(steps);
  for (std::size_t step = 1; step <= steps; ++step) {
    const double due = deadlines.due_before(step);
    string.pass(step, due, step < steps ? arrived[step] : due);
  }
  std::vector<double> rates = string.finish();
  for (double& rate : rates) rate /= step_seconds;
  return rates;
}

}  // namespace gpubench::capacity
