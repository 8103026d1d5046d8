#include "models/transformer.hpp"
#include "planner/training.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "predictor/parallel_step.hpp"

namespace gpubench::planner {
namespace {

/// Times of a micro-batch on one device.
class batch_timer {
 public:
  batch_timer(const system_under_plan& system, step_library& steps, models::precision precision)
      : system_(system), steps_(steps), precision_(precision) {}

  micro_batch_costs time(const weight_costs& weights, std::int64_t sequences, double element_bytes) const {
    const profiles::workload& what = steps_.what();
    const std::int64_t t = weights.tensor, e = weights.expert;
    const auto both = [&](std::int64_t layers, bool recompute) {
      return seconds(steps_.micro_batch(sequences, precision_, t, recompute, layers, e));
    };
    micro_batch_costs batch;
    batch.sequences = sequences;
    // A workload that always recomputes has one more forward pass in all of these; timed as such, it is set apart.
    const bool always = what.training.recompute_activations;
    const double one = both(1, false), layer = both(2, false) - one;
    const double forward = seconds(steps_.micro_batch_forward(sequences, precision_, t, 1, e));
    const double next = seconds(steps_.micro_batch_forward(sequences, precision_, t, 2, e));
    batch.layer_forward = always ? next - forward : both(1, true) - one;
    batch.layer_backward = layer - batch.layer_forward * (always ? 2 : 1);
    batch.ends_forward = std::max(0.0, 2 * forward - next);
    batch.ends_backward = one - layer - batch.ends_forward;
    set_activations(batch, what, weights.tensor, element_bytes);
    add_traffic(batch, weights, element_bytes);
    return batch;
  }

 private:
  double seconds(const lowered_step& step) const {
    return system_.model->shared_time(step).total().seconds * system_.correction.factor;
  }

  void add_traffic(micro_batch_costs& batch, const weight_costs& weights, double element_bytes) const {
    const profiles::workload& what = steps_.what();
    const double tokens = static_cast<double>(batch.sequences * what.sequence_length);
    const double boundary = tokens * static_cast<double>(what.transformer.hidden) * element_bytes;
    batch.all_reduce =
        estimate_collective(collective_kind::all_reduce, boundary, system_.links, weights.tensor, precision_).seconds;
    // A pipeline of more devices than a node or NVLink domain has borders that cross the network.
    const fabric& links = system_.links;
    const int wide = std::max(links.devices_per_node, links.switch_domain) + 1;
    batch.send_inside = predictor::stage_send(boundary, links, weights.tensor, 1, precision_).seconds;
    batch.send_between = predictor::stage_send(boundary, links, weights.tensor, wide, precision_).seconds;
    if (weights.expert <= 1) return;
    // Each token's row goes to each of its experts; tensor-parallel ranks send a part of it each.
    const fabric ring = predictor::replica_links(links, weights.tensor);
    const double sent = boundary * static_cast<double>(what.transformer.experts.experts_per_token) / weights.tensor;
    batch.all_to_all = estimate_collective(collective_kind::all_to_all, sent, ring, weights.expert, precision_).seconds;
  }

  const system_under_plan& system_;
  step_library& steps_;
  models::precision precision_;
};

/// The workload's micro-batch and its halves, and what a replica's share of the global batch is where that is less.
std::vector<std::int64_t> micro_batches(const profiles::workload& what, int replicas) {
  std::set<std::int64_t, std::greater<>> sizes;
  const std::int64_t most = std::max<std::int64_t>(1, what.batch_per_device);
  for (std::int64_t size = most; size >= 1; size /= 2) sizes.insert(size);
  const std::int64_t global = what.global_batch_sequences;
  for (std::int64_t d = 1; d <= std::min<std::int64_t>(replicas, global); ++d) {
    const std::int64_t share = (global + d - 1) / d;
    if (share <= most) sizes.insert(share);
  }
  return {sizes.begin(), sizes.end()};
}

split_costs time_split(const system_under_plan& system, step_library& steps, models::precision precision, int tensor,
                       int expert, const std::vector<std::int64_t>& sizes, double element) {
  split_costs split;
  split.weights = weights_of(steps.what(), tensor, expert);
  constexpr double parameters = 1e9;
  const lowered_step update({models::adam_step(parameters)});
  split.weights.optimizer_seconds_per_parameter =
      system.model->time(update).total().seconds * system.correction.factor / parameters;
  const batch_timer timer(system, steps, precision);
  for (const std::int64_t size : sizes) split.micro_batches.push_back(timer.time(split.weights, size, element));
  return split;
}

training_costs costs_on(const system_under_plan& system, step_library& steps, models::precision precision) {
  training_costs costs = costs_without_times(steps.what(), precision, *system.device);
  costs.links = system.links;
  return costs;
}

estimate shaped(double seconds, const estimate& like) {
  estimate e = like;
  const double factor = like.seconds > 0 ? seconds / like.seconds : 0;
  e.seconds = seconds;
  e.low *= factor;
  e.high *= factor;
  return e;
}

std::vector<predictor::stage_work> stages_of(const training_costs& costs, const layout& split, const estimate& like) {
  const weight_costs& w = costs.splits.front().weights;
  const micro_batch_costs& b = costs.splits.front().micro_batches.front();
  const int count = split.pipeline_parallel;
  const double again = split.recompute || costs.always_recompute ? b.layer_forward : 0;
  std::vector<predictor::stage_work> stages(static_cast<std::size_t>(count));
  const stage_depth depth = depth_of(costs.layers, count);
  double left = static_cast<double>(costs.layers);
  for (int i = 0; i < count; ++i) {
    predictor::stage_work& stage = stages[static_cast<std::size_t>(i)];
    // The first ones take the layers that do not divide.
    const double after = static_cast<double>(count - i - 1);
    stage.layers = left - after * depth.last >= depth.first ? depth.first : depth.last;
    left -= stage.layers;
    const bool first = i == 0, last = i == count - 1;
    stage.forward = shaped(stage.layers * b.layer_forward + (last ? b.ends_forward : 0), like);
    stage.backward = shaped(stage.layers * (b.layer_backward + again) + (last ? b.ends_backward : 0), like);
    double all = stage.layers * w.layer_parameters;
    if (first) all += w.embedding_parameters;
    if (last) all += w.head_parameters + (first ? 0 : w.tied_parameters);
    const double trained = costs.lora ? stage.layers * w.layer_adapters : all;
    stage.gradient_bytes = trained * costs.element_bytes;
    stage.last_gradient_bytes = first && !costs.lora ? w.embedding_parameters * costs.element_bytes : 0;
    stage.weight_bytes = (costs.lora ? all + trained : all) * costs.element_bytes;
  }
  return stages;
}

}  // namespace

training_costs timed_costs(const system_under_plan& system, step_library& steps, models::precision precision,
                           int devices) {
  const profiles::workload& what = steps.what();
  training_costs costs = costs_on(system, steps, precision);
  const int per_node = system.links.devices_per_node;
  for (const int tensor : {1, 2, 4, 8}) {
    if (tensor > std::min(per_node, devices) || per_node % tensor != 0 || what.transformer.heads % tensor != 0)
      continue;
    const std::vector<std::int64_t> sizes = micro_batches(what, devices / tensor);
    const std::int64_t experts = std::max<std::int64_t>(1, what.transformer.experts.experts);
    for (int expert = 1; expert <= std::min<std::int64_t>(experts, devices / tensor); expert *= 2) {
      if (experts % expert != 0) break;
      costs.splits.push_back(time_split(system, steps, precision, tensor, expert, sizes, costs.element_bytes));
    }
  }
  return costs;
}

training_step estimate_training(const system_under_plan& system, step_library& steps, const layout& split) {
  const profiles::workload& what = steps.what();
  training_costs costs = costs_on(system, steps, split.precision);
  costs.splits.push_back(time_split(system, steps, split.precision, split.tensor_parallel, split.expert_parallel,
                                    {split.micro_batch}, costs.element_bytes));
  const estimate_sum& pass = system.model->shared_time(steps.micro_batch(
      split.micro_batch, split.precision, split.tensor_parallel, split.recompute, 0, split.expert_parallel));
  const estimate like = corrected(pass.total(), system.correction);
  const std::vector<predictor::stage_work> stages = stages_of(costs, split, like);

  predictor::parallel_layout how;
  how.data = split.data_parallel;
  how.tensor = split.tensor_parallel;
  how.micro_batches = static_cast<int>(split.accumulation);
  how.zero_stage = split.zero_stage;
  how.recompute = split.recompute || costs.always_recompute;
  if (split.pipeline_chunks > 1) how.schedule = predictor::pipeline_schedule::interleaved;
  how.chunks = split.pipeline_chunks;
  fabric used = system.links;
  used.nodes = std::max(1, (split.devices() + used.devices_per_node - 1) / used.devices_per_node);
  const double boundary =
      static_cast<double>(split.micro_batch * what.sequence_length * what.transformer.hidden) * costs.element_bytes;
  const step_seconds seconds = step_seconds_of(costs, split);
  const double share = split.zero_stage >= 1 ? split.data_parallel : 1;
  const estimate update =
      corrected(system.model->time(lowered_step({models::adam_step(updated_parameters(what, split))})).total(),
                system.correction);
  predictor::parallel_step step = predictor::compose_step(stages, boundary, shaped(seconds.optimizer * share, update),
                                                          how, used, split.precision, costs.buckets);
  training_step result;
  estimate_sum total;
  estimate experts;
  if (split.expert_parallel > 1 || what.transformer.experts.experts > 0) {
    estimate exchange = step.data;
    if (!(exchange.seconds > 0)) {
      exchange = {1, 0.7, 1.4, basis::calibrated, bound::interconnect};
      if (used.nodes > 1) exchange.bound_by = bound::network;
    }
    step.data = shaped(seconds.data, exchange);
    experts = shaped(seconds.experts, exchange);
  }
  for (const estimate* part :
       {&step.compute, &step.bubble, &step.tensor, &experts, &step.sends, &step.data, &step.optimizer}) {
    if (part->seconds > 0) total.add(*part);
  }
  result.time = total.total();
  // Computing's shares are those of the uncorrected operators; a bubble is nobody's work.
  for (std::size_t i = 0; i < 6; ++i) {
    estimate part;
    part.bound_by = static_cast<bound>(i);
    part.seconds = pass.share(part.bound_by) * step.compute.seconds;
    result.parts.add(part);
  }
  step.bubble.bound_by = bound::overhead;
  for (const estimate* part : {&step.bubble, &step.tensor, &experts, &step.sends, &step.data, &step.optimizer}) {
    if (part->seconds > 0) result.parts.add(*part);
  }
  return result;
}

}  // namespace gpubench::planner
