#include "predictor/network_time.hpp"

#include <algorithm>

namespace gpubench::predictor {

estimate_sum device_time(const std::vector<models::network_operator>& network, const gpu_model& model) {
  estimate_sum sum;
  for (const models::network_operator& op : network)
    sum.add(model.time({op.shape, op.precision, launch::captured}), op.count);
  return sum;
}

estimate network_time(const std::vector<models::network_operator>& network, const gpu_model& model,
                      const dispatch& host) {
  estimate total = device_time(network, model).total();
  double launches = 0;
  for (const models::network_operator& op : network) launches += op.count;
  const double host_seconds = launches * host.seconds_per_launch;
  if (host_seconds > total.seconds) total.bound_by = bound::host;
  total.seconds = std::max(total.seconds, host_seconds);
  // The host's share is a guess of a factor of 1.5 each way.
  total.low = std::max(total.low, std::min(total.seconds, host_seconds / 1.5));
  total.high = std::max(total.high, host_seconds * 1.5);
  return total;
}

}  // namespace gpubench::predictor
