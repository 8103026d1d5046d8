#include "core/text.hpp"
#include "core/units.hpp"
#include "models/known_transformers.hpp"
#include "models/lowering.hpp"

#include <fmt/format.h>

#include <vector>

#include "predictor/collectives.hpp"
#include "predictor/network_step.hpp"
#include "predictor/parallel_step.hpp"

namespace gpubench::predictor {
namespace {

using models::network_head;
using models::network_request;
using models::phase;

/// Forward only: stages one after the other and their sends, or the tensor group's sums.
estimate inference_time(const std::vector<stage_work>& stages, double boundary_bytes, const parallel_split& how,
                        int micro_batches, const network_request& request, const fabric& links) {
  // Every micro-batch once through the slowest stage, and the first through all of them (pipeline_seconds()).
  estimate_sum sum;
  const stage_work* slowest = &stages.front();
  for (const stage_work& stage : stages) {
    sum.add(stage.forward);
    if (stage.forward.seconds > slowest->forward.seconds) slowest = &stage;
  }
  sum.add(slowest->forward, micro_batches - 1);
  const models::precision type = models::stored_precision(request.numerics);
  if (how.tensor > 1)
    sum.add(estimate_collective(collective_kind::all_reduce, boundary_bytes, links, how.tensor, type),
            2 * (static_cast<double>(request.shape.layers) + (micro_batches - 1) * slowest->layers));
  if (how.pipeline > 1) sum.add(stage_send(boundary_bytes, links, how.tensor, how.pipeline, type), how.pipeline - 1);
  return sum.total();
}

/// Values that an optimiser keeps of each weight.
double states_of(models::optimizer_kind kind) {
  switch (kind) {
    case models::optimizer_kind::none:
    case models::optimizer_kind::sgd:
      return 0;
    case models::optimizer_kind::momentum:
      return 1;
    case models::optimizer_kind::adam:
    case models::optimizer_kind::adamw:
      return 2;
  }
  return 0;
}

int zero_stage_from(const case_parameters& parameters, const network_request& request, const parallel_split& how) {
  if (!parameters.has("zero")) return 0;
  const double stage = parameters.number("zero");
  if (stage != 0 && stage != 1 && stage != 2 && stage != 3)
    parameters.refuse("zero", "is no stage of ZeRO", "0, 1 (optimiser), 2 (and gradients) or 3 (and weights)");
  if (stage == 0) return 0;
  if (how.data < 2) parameters.refuse("zero", "divides among replicas, and there is one", "parallel=dp8, or gpu_count");
  if (!request.trains()) parameters.refuse("zero", "divides what training keeps, and this is a forward pass");
  return static_cast<int>(stage);
}

/// Bytes of a device's part of weights, gradients and optimiser state: the least that a step needs, without
/// activations. Rajbhandari et al., "ZeRO", arXiv 1910.02054, section 5 and figure 1: each of them is divided among the
/// replicas from stage 3, 2 and 1 on; types as the framework keeps them, so that mixed precision by autocast is 4 + 4
/// + 8.
double state_bytes(double parameters, double value_bytes, const network_request& request, const parallel_split& how,
                   int zero_stage) {
  const auto part = [&](int from_stage) { return zero_stage >= from_stage ? 1.0 / how.data : 1.0; };
  double values = part(3);
  if (request.trains()) values += part(2) + states_of(request.optimizer) * part(1);
  return parameters * value_bytes * values;
}

/// Nobody can measure what cannot be loaded.
void require_room(const prediction_case& what, const profiles::gpu_spec& gpu, double bytes, bool divided_further) {
  if (bytes <= gpu.memory_bytes) return;
  throw error(error_kind::infeasible, what.position,
              fmt::format("a GPU's part of weights, gradients and optimiser needs {}, {} has {}", format_bytes(bytes),
                          gpu.name, format_bytes(gpu.memory_bytes)),
              divided_further ? "more GPUs, or a tensor or pipeline split" : "more GPUs with zero=3, tp or pp");
}

/// LAMB reads weights and updates once more for their norms (You et al., arXiv 1904.00962, algorithm 2).
void add_norms(estimate& optimizer, double parameters, const network_request& request, const gpu_model& model) {
  const models::precision type = models::stored_precision(request.numerics);
  const models::streaming norms{2 * parameters * models::bytes_per_element(type), 4 * parameters};
  optimizer = sum_of({optimizer, model.time({norms, type, launch::captured})});
}

network_answer transformer_step(const prediction_case& what, const case_parameters& parameters, network_request request,
                                case_context& with) {
  const gpu_model& model = with.model(what.gpu);
  const profiles::gpu_spec& gpu = with.known().gpu(what.gpu);
  const parallel_split how = split_from(parameters, what.gpu_count);
  const auto micro_batches = static_cast<int>(parameters.size("micro_batches", 1));
  if (request.shape.heads % how.tensor != 0)
    parameters.refuse("parallel", fmt::format("does not divide the {} heads evenly", request.shape.heads));
  std::int64_t per_replica = 0;
  if (parameters.has("global_batch")) {
    const std::int64_t global = parameters.size("global_batch");
    if (global % how.data != 0) parameters.refuse("global_batch", fmt::format("does not divide by dp{}", how.data));
    per_replica = global / how.data;
  } else {
    per_replica = replica_batch(parameters);
  }
  if (per_replica % micro_batches != 0) parameters.refuse("micro_batches", "does not divide the batch of a replica");
  request.batch = per_replica / micro_batches;
  request.tensor_parallel = how.tensor;
  request.pipeline_stages = how.pipeline;
  const phase last = request.phase;
  const dispatch host = dispatch_of(request.execution);
  const int zero_stage = zero_stage_from(parameters, request, how);
  std::vector<stage_work> stages;
  estimate optimizer;
  const double value_bytes = models::bytes_per_element(models::stored_precision(request.numerics));
  for (int i = 0; i < how.pipeline; ++i) {
    request.pipeline_stage = i;
    const auto at = [&](phase part) {
      network_request r = request;
      r.phase = part;
      if (part != phase::full_step) r.optimizer = models::optimizer_kind::none;
      return models::lower(r);
    };
    step_parts parts = parts_of(at, last, model, host);
    stage_work stage;
    stage.forward = parts.forward;
    stage.backward = parts.backward;
    stage.layers = static_cast<double>(models::stage_layers(request.shape.layers, how.pipeline, i).count());
    const double held = models::device_parameters(request);
    require_room(what, gpu, state_bytes(held, value_bytes, request, how, zero_stage), zero_stage == 3);
    stage.gradient_bytes = held * value_bytes;
    if (request.first_stage())
      stage.last_gradient_bytes = static_cast<double>(request.shape.vocabulary) *
                                  static_cast<double>(request.shape.hidden) / how.tensor * value_bytes;
    stages.push_back(stage);
    if (is_lamb(parameters) && last == phase::full_step) add_norms(parts.optimizer, held, request, model);
    if (parts.optimizer.seconds > optimizer.seconds) optimizer = parts.optimizer;
  }
  const double boundary =
      static_cast<double>(request.batch * request.sequence) * static_cast<double>(request.shape.hidden) * value_bytes;
  network_answer answer;
  answer.units = static_cast<double>(per_replica) * how.data;
  answer.tokens = answer.units * static_cast<double>(request.sequence);
  if (how.devices() == 1 && micro_batches == 1) {
    answer.step = sum_of({stages[0].forward, stages[0].backward, optimizer});
    return answer;
  }
  const fabric links = links_of(parameters, with, gpu, how.devices());
  if (last == phase::forward) {
    answer.step = inference_time(stages, boundary, how, micro_batches, request, links);
    return answer;
  }
  parallel_layout layout;
  layout.data = how.data;
  layout.tensor = how.tensor;
  layout.micro_batches = micro_batches;
  layout.zero_stage = zero_stage;
  answer.step =
      compose_step(stages, boundary, optimizer, layout, links, models::stored_precision(request.numerics)).total();
  return answer;
}

/// What both ways of naming a transformer share.
network_request request_from(const prediction_case& what, const case_parameters& parameters,
                             const models::transformer& shape, phase usual) {
  network_request r;
  r.shape = shape;
  r.sequence = parameters.has("seq") ? parameters.size("seq") : parameters.size("sequence");
  r.phase = phase_from(parameters, usual);
  r.numerics = numerics_from(what);
  r.execution = execution_from(parameters);
  const std::string attention = to_lower(parameters.text("attn", "eager_unfused"));
  if (attention == "flash" || attention == "sdpa" || attention == "fused") {
    r.attention = models::attention_kind::flash;
  } else if (attention != "eager_unfused" && attention != "eager" && attention != "unfused") {
    parameters.refuse("attn", "is not known", suggestion(attention, {"eager_unfused", "flash"}));
  }
  r.optimizer = optimizer_from(parameters, r.phase, models::optimizer_kind::adamw);
  r.fused_optimizer =
      parameters.flag("fused_optimizer", false) || r.optimizer == models::optimizer_kind::none || is_lamb(parameters);
  return r;
}

models::activation_function activation_from(const case_parameters& parameters, const std::string& name) {
  using models::activation_function;
  if (name == "relu") return activation_function::relu;
  if (name == "gelu") return activation_function::gelu;
  if (name == "gelu_new" || name == "gelu_fast" || name == "gelu_tanh" || name == "gelu_pytorch_tanh")
    return activation_function::gelu_tanh;
  if (name == "silu" || name == "swish") return activation_function::silu;
  parameters.refuse("act", "is not known", "relu, gelu, gelu_new or silu");
}

}  // namespace

network_answer stated_transformer_step(const prediction_case& what, const case_parameters& parameters,
                                       case_context& with) {
  models::stated_shape stated;
  const std::string arch = to_lower(parameters.text("arch"));
  using models::transformer_family;
  if (arch == "bert")
    stated.family = transformer_family::bert;
  else if (arch == "gpt2" || arch == "gpt" || arch == "gpt3")
    stated.family = transformer_family::gpt2;
  else if (arch == "opt")
    stated.family = transformer_family::opt;
  else if (arch == "llama" || arch == "mistral" || arch == "qwen2")
    stated.family = transformer_family::llama;
  else
    parameters.refuse("arch", "is not known", suggestion(arch, {"bert", "gpt2", "opt", "llama"}));
  const auto size_or_none = [&](const char* key) { return parameters.has(key) ? parameters.size(key) : 0; };
  stated.layers = parameters.size("layers");
  stated.hidden = parameters.size("hidden");
  stated.heads = size_or_none("heads");
  stated.kv_heads = size_or_none("kv_heads");
  stated.ffn = size_or_none("ffn");
  stated.vocabulary = size_or_none("vocab");
  stated.sequence = parameters.has("seq") ? parameters.size("seq") : parameters.size("sequence");
  models::transformer shape = models::shape_of(stated);
  if (const auto act = parameters.find("act")) {
    shape.activation = activation_from(parameters, to_lower(*act));
  }
  network_request request = request_from(what, parameters, shape, phase::forward);
  request.head = head_from(parameters, network_head::none);
  return transformer_step(what, parameters, request, with);
}

network_answer named_transformer_step(const prediction_case& what, const case_parameters& parameters,
                                      case_context& with) {
  const models::transformer shape =
      profiles::find_language_model(with.language_models(), parameters.text("model")).shape;
  network_request request = request_from(what, parameters, shape, phase::full_step);
  // BERT's word head works on the masked seventh of the positions at most: next to nothing beside the layers.
  request.head = head_from(parameters, shape.pretraining_head ? network_head::classification : network_head::lm);
  return transformer_step(what, parameters, request, with);
}

}  // namespace gpubench::predictor
