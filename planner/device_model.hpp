#pragma once

#include "planner/device_rates.hpp"
#include "planner/lowered_step.hpp"
#include "planner/prediction.hpp"

#include <array>
#include <optional>
#include <unordered_map>

#include "predictor/gpu_model.hpp"

namespace gpubench::planner {

/// How long operators take on one kind of device: on a GPU as the predictor's calibrated model of it says, on a CPU by
/// a calibrated roofline. All systems with that kind of device share it, so that a step is priced once for each.
class device_model {
 public:
  explicit device_model(const device_rates& rates) : rates_(rates) {}
  /// @param on     a GPU, or a share of one
  /// @param known  must outlive the model
  device_model(const device& on, const predictor::operator_calibration& known);

  /// nullptr: a CPU
  const predictor::gpu_model* gpu() const { return gpu_ ? &*gpu_ : nullptr; }

  /// Rate at which long arrays stream through a CPU's cores.   @pre gpu() is nullptr
  double streaming_bytes_per_second() const;
  /// A time on the GPU by itself, as long as it takes where others have it in turns.
  estimate in_turns(estimate alone) const;
  /// One execution of an operator. A precision that the device lacks is computed in the one that stands in for it.
  estimate time(const lowered_step::entry& entry) const;
  /// Every operator of a step, one after the other.
  estimate_sum time(const lowered_step& step) const;
  /// The same, kept for the next that asks.
  /// @param step  stays where it is as long as this model lives
  const estimate_sum& shared_time(const lowered_step& step);

 private:
  std::optional<predictor::gpu_model> gpu_;
  double slowdown_ = 1;                                           ///< of a GPU that others have in turns
  std::array<models::precision, precision_count> computed_in_{};  ///< by precision asked for
  device_rates rates_;
  std::unordered_map<const lowered_step*, estimate_sum> steps_;
};

}  // namespace gpubench::planner
