#pragma once

#include "profiles/catalogue.hpp"

#include <string>
#include <unordered_map>

namespace gpubench::planner {

/// How many CPU cores instances have for each GPU: what to assume where a provider does not state it. Without an
/// assumption such an offer would never be bound by its host, and would win because it is not known.
class typical_hosts {
 public:
  explicit typical_hosts(const profiles::catalogue& known);

  /// Median of physical cores per whole GPU over the instances with this GPU; over all GPU instances when none of them
  /// states its cores; 0 when no instance does.
  double cores_per_gpu(const std::string& gpu) const;

 private:
  std::unordered_map<std::string, double> by_gpu_;
  double any_ = 0;
};

}  // namespace gpubench::planner
