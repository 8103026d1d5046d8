#pragma once

#include "models/operators.hpp"

#include <vector>

#include "predictor/gpu_model.hpp"

namespace gpubench::predictor {

/// How a framework's host keeps a GPU fed.
struct dispatch {
  /// Host time of one launch, the framework's work around it included: PyTorch's eager operators come at 100,000 to
  /// 150,000 a second on server CPUs, compiled ones skip Python and the dispatcher. Assumed.
  double seconds_per_launch = 8e-6;
};
inline constexpr dispatch eager_dispatch{8e-6};
inline constexpr dispatch compiled_dispatch{4e-6};

/// Time of all operators of a network, one after the other. Launches run ahead of the GPU, so the host's time shows
/// only where the GPU would end before it: the larger of both sums.
estimate network_time(const std::vector<models::network_operator>& network, const gpu_model& model,
                      const dispatch& host);

/// Sum of what the GPU does, by operator and by bound.
estimate_sum device_time(const std::vector<models::network_operator>& network, const gpu_model& model);

}  // namespace gpubench::predictor
