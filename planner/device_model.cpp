#include "planner/device_model.hpp"

#include "predictor/gpu_traits.hpp"

namespace gpubench::planner {
namespace {

/// Streaming work is counted in vector operations, whose type only says how wide the stored values are.
bool multiplies(const models::operator_shape& shape) {
  return models::kind_of(shape) != "streaming";
}

}  // namespace

device_model::device_model(const device& on, const predictor::operator_calibration& known)
    : gpu_(std::in_place, predictor::traits_of(on), known), slowdown_(1 / on.time_share) {
  for (const models::precision wanted : models::all_precisions) {
    computed_in_[static_cast<std::size_t>(wanted)] =
        supported_precision(on, wanted, models::precision::fp32).value_or(wanted);
  }
}

double device_model::streaming_bytes_per_second() const {
  const std::size_t kind = models::operator_shape(models::streaming{}).index();
  return rates_.of(kind, static_cast<std::size_t>(models::precision::fp32)).memory_bytes_per_second;
}

estimate device_model::in_turns(estimate alone) const {
  for (double* seconds : {&alone.seconds, &alone.low, &alone.high}) *seconds *= slowdown_;
  return alone;
}

estimate device_model::time(const lowered_step::entry& entry) const {
  const models::network_operator& op = entry.op;
  if (!gpu_) {
    return estimate_work(rates_, op.shape.index(), static_cast<std::size_t>(op.precision), entry.flop, entry.bytes);
  }
  const models::precision p =
      multiplies(op.shape) ? computed_in_[static_cast<std::size_t>(op.precision)] : op.precision;
  return in_turns(gpu_->time({op.shape, p, predictor::launch::captured}));
}

estimate_sum device_model::time(const lowered_step& step) const {
  estimate_sum sum;
  for (const lowered_step::entry& e : step.entries()) sum.add(time(e), e.op.count);
  return sum;
}

const estimate_sum& device_model::shared_time(const lowered_step& step) {
  const auto found = steps_.find(&step);
  if (found != steps_.end()) return found->second;
  return steps_.emplace(&step, time(step)).first->second;
}

}  // namespace gpubench::planner
