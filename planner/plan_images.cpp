#include "models/resnet50.hpp"
#include "planner/performance.hpp"

#include <algorithm>

#include "predictor/parallel_step.hpp"

namespace gpubench::planner {
namespace {

estimate scaled(estimate e, double factor) {
  e.seconds *= factor;
  e.low *= factor;
  e.high *= factor;
  return e;
}

}  // namespace

outcome plan_images(const system_under_plan& system, step_library& steps, models::precision precision) {
  const profiles::workload& what = steps.what();
  const device& on = *system.device;
  const bool training = what.kind == profiles::workload_kind::cnn_train;

  layout split;
  split.precision = precision;
  split.data_parallel = system.links.devices();
  split.micro_batch = std::max<std::int64_t>(1, what.batch_per_device);
  memory_need need;
  while (true) {
    need = training ? training_memory(what, split, on) : inference_memory(what, split, on);
    if (need.total() <= on.memory_bytes) break;
    if (split.micro_batch == 1) return {std::nullopt, rejection_reason::memory, memory_shortage(need.total(), on)};
    split.micro_batch /= 2;
  }

  const estimate_sum& compute = system.model->shared_time(steps.images(split.micro_batch, split.precision, on.is_cpu));
  const estimate work = corrected(compute.total(), system.correction);
  estimate step = work;
  estimate_sum parts = compute;
  const int devices = system.links.devices();
  if (training && devices > 1) {
    // Gradients are reduced in fp32, as framework defaults do for mixed precision; the backward pass is two thirds of
    // the work.
    predictor::stage_work pass;
    pass.forward = scaled(work, 1.0 / 3);
    pass.backward = scaled(work, 2.0 / 3);
    pass.gradient_bytes = models::resnet50_parameters() * 4;
    predictor::parallel_layout how;
    how.data = devices;
    const predictor::parallel_step whole = predictor::compose_step({pass}, 0, {}, how, system.links);
    step = whole.total();
    if (whole.data.seconds > 0) parts.add(whole.data, 1 / system.correction.factor);
  }
  const double units = static_cast<double>(split.micro_batch) * devices;
  performance best = with_host(system, what, parts, step, units);
  best.split = split;
  best.memory = need;
  return {best, rejection_reason::memory, {}};
}

}  // namespace gpubench::planner
