#pragma once

#include "planner/recommend.hpp"

#include <optional>
#include <regex>
#include <set>
#include <string>

namespace gpubench::planner {

/// The user's limits, checked once and ready to be asked.
class offer_filter {
 public:
  /// @throws error: usage for a deadline or budget that is not positive, a confidence outside (0, 1), no node, an
  /// unknown
  ///         provider or region (with the nearest names), and a malformed GPU pattern.
  offer_filter(const constraints& limits, const profiles::catalogue& known);

  bool admits(const profiles::instance& type) const;
  /// Region and price model.
  bool admits(const profiles::price& offer) const;

 private:
  std::set<std::string> providers_, regions_;
  std::set<profiles::price_model> models_;
  std::optional<std::regex> gpu_;
};

}  // namespace gpubench::planner
