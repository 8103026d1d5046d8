#include "planner/training_costs.hpp"

#include "models/network_request.hpp"
#include "models/transformer.hpp"

#include <algorithm>

namespace gpubench::planner {
namespace {

models::transformer with_layers(models::transformer model, std::int64_t layers) {
  model.layers = layers;
  return model;
}

/// A mixture's feed-forward block keeps what as many dense ones keep as a token has experts.
models::transformer dense_like(models::transformer model) {
  if (model.experts.experts > 0) model.ffn = model.experts.ffn * model.experts.experts_per_token;
  model.experts = {};
  return model;
}

}  // namespace

stage_depth depth_of(std::int64_t layers, int stages) {
  return {static_cast<double>(models::stage_layers(layers, stages, 0).count()),
          static_cast<double>(models::stage_layers(layers, stages, stages - 1).count())};
}

weight_costs weights_of(const profiles::workload& what, int tensor, int expert) {
  const models::transformer& model = what.transformer;
  const double t = tensor;
  const double one = models::parameter_count(with_layers(model, 1));
  const double layer = models::parameter_count(with_layers(model, 2)) - one;
  const double routed = models::routed_expert_parameter_count(with_layers(model, 1));
  const double hidden = static_cast<double>(model.hidden);
  const double table = static_cast<double>(model.vocabulary) * hidden;
  const double positions = static_cast<double>(model.positions) * hidden;
  weight_costs w;
  w.tensor = tensor;
  w.expert = expert;
  w.layer_parameters = (layer - routed) / t;
  w.expert_parameters = routed / t / expert;
  w.embedding_parameters = (table + positions) / t;
  w.head_parameters = (one - layer - table - positions) / t;
  w.tied_parameters = model.tied_embeddings ? table / t : 0;
  if (what.training.lora) {
    w.layer_adapters = models::trainable_parameters(model, what.training) / static_cast<double>(model.layers) / t;
  }
  return w;
}

void set_activations(micro_batch_costs& batch, const profiles::workload& what, int tensor, double element) {
  const models::transformer model = dense_like(what.transformer);
  const auto bytes = [&](std::int64_t layers, bool recompute) {
    models::training_method method = what.training;
    method.recompute_activations = recompute;
    // The model counts two bytes an element.
    return element / 2 *
           models::activation_bytes(with_layers(model, layers), batch.sequences, what.sequence_length, method, tensor);
  };
  batch.layer_activation_bytes = bytes(2, false) - bytes(1, false);
  batch.layer_input_bytes = bytes(2, true) - bytes(1, true);
  batch.ends_activation_bytes = bytes(1, false) - batch.layer_activation_bytes;
}

training_costs costs_without_times(const profiles::workload& what, models::precision p, const device& on) {
  training_costs costs;
  costs.layers = what.transformer.layers;
  costs.global_batch = what.global_batch_sequences;
  costs.lora = what.training.lora;
  costs.always_recompute = what.training.recompute_activations;
  costs.element_bytes = element_bytes(p);
  costs.optimizer_bytes = is_wide(p) ? 8 : 12;
  costs.memory_bytes = on.memory_bytes;
  costs.reserve_one = reserved_memory(on, 1, false);
  costs.reserve_many = reserved_memory(on, 2, false);
  costs.precision = p;
  return costs;
}

memory_need stage_memory(const training_costs& costs, const weight_costs& weights, const micro_batch_costs& batch,
                         const layout& split) {
  const int stages = split.pipeline_parallel;
  const stage_depth depth = depth_of(costs.layers, stages);
  const double d = split.data_parallel, among_experts = d / split.expert_parallel;
  const bool recompute = split.recompute || costs.always_recompute;
  const auto stage = [&](double layers, double ends_parameters, double in_flight, bool holds_ends) {
    memory_need need;
    const auto divided = [&](double parameters, double experts, double bytes, bool divide) {
      return bytes * (parameters / (divide ? d : 1) + experts / (divide ? among_experts : 1));
    };
    const double dense = layers * weights.layer_parameters + ends_parameters;
    const double experts = layers * weights.expert_parameters;
    const double trained = costs.lora ? layers * weights.layer_adapters : dense;
    const double trained_experts = costs.lora ? 0 : experts;
    const double held = costs.lora ? dense + trained : dense;
    need.weights = divided(held, experts, costs.element_bytes, split.zero_stage >= 3);
    need.gradients = divided(trained, trained_experts, costs.element_bytes, split.zero_stage >= 2);
    need.optimizer = divided(trained, trained_experts, costs.optimizer_bytes, split.zero_stage >= 1);
    need.activations = recompute ? layers * in_flight * batch.layer_input_bytes + batch.layer_activation_bytes
                                 : layers * in_flight * batch.layer_activation_bytes;
    if (holds_ends) need.activations += batch.ends_activation_bytes;
    need.reserve = split.devices() > 1 ? costs.reserve_many : costs.reserve_one;
    return need;
  };
  if (stages == 1)
    return stage(static_cast<double>(costs.layers), weights.embedding_parameters + weights.head_parameters, 1, true);
  const double p = stages, v = split.pipeline_chunks;
  const double in_flight = v > 1 ? p + (p - 1) / v : std::min(p, static_cast<double>(split.accumulation));
  const memory_need first = stage(depth.first, weights.embedding_parameters, in_flight, false);
  const memory_need last =
      stage(depth.last, weights.head_parameters + weights.tied_parameters, ((v - 1) * p + 1) / v, true);
  return first.total() >= last.total() ? first : last;
}

}  // namespace gpubench::planner
