#pragma once

#include <string>
#include <string_view>

#include "serving/simulation.hpp"

namespace gpubench::serving {

enum class latency_metric {
  ttft,  ///< request sent to first token
  tpot,  ///< a token after the first
  e2e,   ///< request sent to last token
};
/// "ttft", "tpot", "e2e"
std::string_view to_string(latency_metric m);

/// A service level: that share of requests stays within the limit.
struct latency_limit {
  latency_metric metric = latency_metric::ttft;
  double quantile = 0.95;
  double seconds = 0;
};

/// A fraction in per cent with the digits that it has: 0.95 is "95", 0.9995 "99.95".
std::string plain_percent(double fraction);

/// Not a number where nothing of that kind was simulated.
double latency_of(const simulation_result& result, latency_metric metric, double quantile);

}  // namespace gpubench::serving
