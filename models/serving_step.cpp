#include "models/serving_step.hpp"

#include "core/error.hpp"
#include "models/serving_kernels.hpp"

#include <fmt/format.h>

namespace gpubench::models {
namespace {

std::int64_t divide_up(std::int64_t size, std::int64_t parts) {
  return (size + parts - 1) / parts;
}

void require_valid(const serving_step& step) {
  const auto& layout = step.layout;
  require_valid(step.model, step.sequences, step.tokens, layout.tensor);
  if (step.kv_len < step.tokens)
    throw error(error_kind::usage, fmt::format("{} new tokens cannot see only {} keys", step.tokens, step.kv_len),
                "a token sees at least itself and those before it");
  if (!step.model.causal && step.kv_len != step.tokens)
    throw error(error_kind::usage, "an encoder does not decode token by token", "choose a causal model for serving");
  if (layout.attention_data < 1 || layout.expert_parallel < 1 || layout.stage_devices() % layout.expert_parallel != 0)
    throw error(
        error_kind::usage,
        fmt::format("{} devices cannot hold experts in {} groups", layout.stage_devices(), layout.expert_parallel),
        "expert parallelism divides tensor times attention data parallelism");
  if (step.model.experts.experts > 0 && layout.expert_parallel > step.model.experts.experts)
    throw error(error_kind::usage, fmt::format("{} experts cannot be split into {} groups", step.model.experts.experts,
                                               layout.expert_parallel));
  if (layout.pipeline_stages < 1 || layout.pipeline_stages > step.model.layers || layout.pipeline_stage < 0 ||
      layout.pipeline_stage >= layout.pipeline_stages)
    throw error(error_kind::usage,
                fmt::format("stage {} of {} pipeline stages of {} layers is impossible", layout.pipeline_stage,
                            layout.pipeline_stages, step.model.layers),
                "stages count from 0, and each has a layer at least");
}

}  // namespace

std::vector<network_operator> serving_operators(const serving_step& step) {
  require_valid(step);
  serving_kernels run(step);
  const auto& layout = step.layout;
  const bool first = layout.pipeline_stage == 0, last = layout.pipeline_stage == layout.pipeline_stages - 1;
  const auto layers = stage_layers(step.model.layers, layout.pipeline_stages, layout.pipeline_stage);
  if (first) run.embedding();
  for (const auto& group : layer_groups(step.model, layers.first, layers.last)) {
    const auto count = static_cast<double>(group.count);
    run.norms(static_cast<double>(step.model.norms_per_layer) * count);
    if (group.linear) {
      run.linear_attention(count);
    } else if (step.model.latent.kv_rank > 0) {
      run.latent_attention(count);
    } else {
      run.attention_block(group.local, count);
    }
    if (group.mixture) {
      run.mixture(count);
    } else {
      run.feed_forward(step.model.ffn, step.model.matrices, "", count);
    }
  }
  if (last) {
    run.norms(1);
    if (step.output_head) run.output_head();
  }
  return run.take();
}

std::vector<network_operator> engine_forward(const network_request& request) {
  serving_step step;
  step.model = request.shape;
  step.sequences = request.batch;
  step.tokens = step.kv_len = request.sequence;
  step.activations = matrix_precision(request.numerics);
  step.output_head = request.head == network_head::lm || request.head == network_head::pretraining;
  step.all_positions = step.output_head;
  step.layout.tensor = request.tensor_parallel;
  step.layout.pipeline_stages = request.pipeline_stages;
  step.layout.pipeline_stage = request.pipeline_stage;
  return serving_operators(step);
}

double device_weight_bytes(const serving_step& step) {
  require_valid(step);
  const auto& model = step.model;
  const auto& layout = step.layout;
  const double plain = bytes_per_element(step.activations);
  const double routed = routed_expert_parameter_count(model);
  const double table = static_cast<double>(model.vocabulary) * static_cast<double>(model.hidden);
  const double tables = table * (model.tied_embeddings ? 1 : 2);
  const double others = parameter_count(model) - routed - tables;
  const double layers_share =
      static_cast<double>(divide_up(model.layers, layout.pipeline_stages)) / static_cast<double>(model.layers);
  const double in_layers =
      routed * model.expert_weights.bytes(step.activations) / static_cast<double>(layout.stage_devices()) +
      others * model.matrices.bytes(step.activations) / static_cast<double>(layout.tensor);
  // Of several stages, the fullest holds one of the two tables.
  const double ends = layout.pipeline_stages > 1 ? table : tables;
  return in_layers * layers_share + ends * plain / static_cast<double>(layout.tensor);
}

}  // namespace gpubench::models
