#include "models/transformer.hpp"
#include "planner/training.hpp"

#include <algorithm>

namespace gpubench::planner {

void set_batches(layout& split, const profiles::workload& what, std::int64_t micro_batch) {
  set_rounds(split, what.global_batch_sequences, micro_batch);
}

double units_per_step(const profiles::workload& what, const layout& split) {
  const double sequences = sequences_per_step(split, what.global_batch_sequences);
  return what.unit == "token" ? sequences * static_cast<double>(what.sequence_length) : sequences;
}

double updated_parameters(const profiles::workload& what, const layout& split) {
  const weight_costs w = weights_of(what, split.tensor_parallel, split.expert_parallel);
  const double layers = depth_of(what.transformer.layers, split.pipeline_parallel).first;
  const double share = split.zero_stage >= 1 ? split.data_parallel : 1;
  if (what.training.lora) return layers * w.layer_adapters / share;
  const double ends = w.embedding_parameters + (split.pipeline_parallel == 1 ? w.head_parameters : 0);
  const double experts = layers * w.expert_parameters / (split.zero_stage >= 1 ? share / split.expert_parallel : 1);
  return (layers * w.layer_parameters + ends) / share + experts;
}

outcome plan_transformer_training(const system_under_plan& system, step_library& steps, models::precision precision) {
  const profiles::workload& what = steps.what();
  const device& on = *system.device;
  outcome result;
  const int devices = system.links.devices();
  const training_costs costs = timed_costs(system, steps, precision, devices);
  training_space space;
  space.devices = devices;
  const training_front front = search_training(costs, space);
  if (front.choices.empty()) {
    if (front.least_memory_bytes > 0) {
      result.detail = memory_shortage(front.least_memory_bytes, on);
    } else {
      result.reason = rejection_reason::unsupported;
      result.detail = "no split over " + std::to_string(devices) + " devices suits the model and its batch";
    }
    return result;
  }
  // The host prepares the same units whatever the split, so that the fastest on the devices is the fastest.
  const layout& split = front.choices.back().split;
  const training_step step = estimate_training(system, steps, split);
  performance best = with_host(system, what, step.parts, step.time, units_per_step(what, split));
  best.split = split;
  best.memory = training_memory(what, split, on);
  result.best = std::move(best);
  return result;
}

}  // namespace gpubench::planner
