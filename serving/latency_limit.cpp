#include "serving/latency_limit.hpp"

#include <fmt/format.h>

namespace gpubench::serving {

std::string_view to_string(latency_metric m) {
  switch (m) {
    case latency_metric::ttft:
      return "ttft";
    case latency_metric::tpot:
      return "tpot";
    case latency_metric::e2e:
      return "e2e";
  }
  return "";
}

std::string plain_percent(double fraction) {
  return fmt::format("{:.7g}", 100 * fraction);
}

double latency_of(const simulation_result& result, latency_metric metric, double quantile) {
  switch (metric) {
    case latency_metric::ttft:
      return result.ttft.quantile_seconds(quantile);
    case latency_metric::tpot:
      return result.tpot.quantile_seconds(quantile);
    case latency_metric::e2e:
      return result.e2e.quantile_seconds(quantile);
  }
  return 0;
}

}  // namespace gpubench::serving
