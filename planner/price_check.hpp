#pragma once

#include "planner/recommend.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace gpubench::planner {

/// Tells which prices can be planned on at a given day.
class price_check {
 public:
  price_check(const constraints& limits, std::chrono::system_clock::time_point now);

  /// Days since the price was taken; 0 where that is a later day.
  double age_days(const profiles::price& offer);

  /// Why a price cannot be planned on: unchecked, older than the limits allow, or of a later day. An empty detail where
  /// it can.
  rejection problem(const profiles::instance& type, const profiles::price& offer);

 private:
  /// Negative for a later day.   @throws error: internal for what is no date, which a catalogue does not hold.
  double days_since(const std::string& date);

  const constraints& limits_;
  std::int64_t today_;
  std::unordered_map<std::string, double> known_;  ///< a catalogue has few distinct dates
  std::string last_;
  double last_age_ = 0;
};

}  // namespace gpubench::planner
