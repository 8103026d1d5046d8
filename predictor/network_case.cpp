#include "core/text.hpp"
#include "models/known_transformers.hpp"
#include "models/lowering.hpp"
#include "models/resnet50.hpp"
#include "models/resnet50_lowering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "predictor/collective_case.hpp"
#include "predictor/collectives.hpp"
#include "predictor/network_time.hpp"
#include "predictor/parallel_step.hpp"
#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {
namespace {

using models::network_head;
using models::network_request;
using models::phase;

/// How many replicas, ranks of a tensor group and stages: "dp4", "tp2,pp2", nothing for one GPU.
struct split {
  int data = 1, tensor = 1, pipeline = 1;
  int devices() const { return data * tensor * pipeline; }
};

split split_from(const case_parameters& parameters, int gpu_count) {
  split s;
  const auto text = parameters.find("parallel");
  if (!text) {
    s.data = gpu_count;
    return s;
  }
  std::string list = to_lower(*text);
  std::replace_if(
      list.begin(), list.end(), [](char c) { return c == '+' || c == '_' || c == ' ' || c == 'x'; }, ',');
  for (const std::string& part : gpubench::split(list, ',')) {
    const long long ways = part.size() > 2 ? parse_integer(part.substr(2)).value_or(0) : 0;
    const std::string kind = part.substr(0, 2);
    if (part == "none" || part == "1") continue;
    if (ways < 1 || ways > 100000 || (kind != "dp" && kind != "tp" && kind != "pp"))
      parameters.refuse("parallel", "is not a split", "write dp4, tp4 or pp4, or several as dp2,tp2");
    (kind == "dp" ? s.data : kind == "tp" ? s.tensor : s.pipeline) = static_cast<int>(ways);
  }
  if (gpu_count > 1 && s.devices() != gpu_count) {
    parameters.refuse("parallel", fmt::format("makes {} GPUs of {}", s.devices(), gpu_count),
                      "the product of the split is the number of GPUs");
  }
  return s;
}

template <class Value, class Parse>
Value choice(const case_parameters& parameters, std::string_view key, Value otherwise, Parse parse) {
  const auto text = parameters.find(key);
  if (!text) return otherwise;
  if (const auto value = parse(to_lower(*text))) return *value;
  parameters.refuse(key, "is not known", "docs/prediction.md, \"Cases\", lists the values");
}

network_head head_from(const case_parameters& parameters, network_head otherwise) {
  const auto text = parameters.find("head");
  if (!text) return otherwise;
  const std::string name = to_lower(*text);
  if (name == "0" || name == "no" || name == "false" || name == "base") return network_head::none;
  if (name == "1" || name == "yes" || name == "true" || name == "causal_lm" || name == "lm_head")
    return network_head::lm;
  if (name == "mlm" || name == "masked_lm") return network_head::lm;
  if (name == "cls" || name == "seq_cls" || name == "sequence_classification") return network_head::classification;
  return choice(parameters, "head", otherwise, [](const std::string& v) { return models::parse_head(v); });
}

models::optimizer_kind optimizer_from(const case_parameters& parameters, phase part, models::optimizer_kind usual) {
  const auto text = parameters.find("optimizer");
  if (part != phase::full_step) return models::optimizer_kind::none;
  if (!text) return usual;
  const std::string name = to_lower(*text);
  // LAMB's traffic is Adam's and two norms a tensor (You et al., arXiv 1904.00962, algorithm 2).
  if (name == "lamb" || name == "fusedlamb") return models::optimizer_kind::adamw;
  if (name == "sgd_momentum") return models::optimizer_kind::momentum;
  return choice(parameters, "optimizer", usual, [](const std::string& v) { return models::parse_optimizer(v); });
}

models::execution execution_from(const case_parameters& parameters) {
  const std::string name = to_lower(parameters.text("compile", "0"));
  if (name == "inductor" || name == "max-autotune" || name == "reduce-overhead") return models::execution::compiled;
  if (name == "none" || name == "eager") return models::execution::eager;
  return parameters.flag("compile", false) ? models::execution::compiled : models::execution::eager;
}

models::numerics numerics_from(const prediction_case& what) {
  std::string name = what.precision.empty() ? "fp32" : to_lower(what.precision);
  if (name == "float32") name = "fp32";
  if (name == "float16") name = "fp16";
  if (name == "bfloat16") name = "bf16";
  if (const auto types = models::parse_numerics(name)) return *types;
  throw error(error_kind::input, what.position, fmt::format("precision '{}' is not one of networks", what.precision),
              "fp32, tf32, fp16, bf16, fp16-amp or bf16-amp");
}

void require_rate(const prediction_case& what, const gpu_traits& on, models::numerics types) {
  const models::precision p = models::matrix_precision(types);
  if (on.peak_of(p) > 0) return;
  throw error(error_kind::input, what.position, fmt::format("{} has no arithmetic in {}", on.name, to_string(p)),
              "choose a precision that it has: gpubench list gpus");
}

/// What a step's parts take on the GPU and its host.
struct step_parts {
  estimate forward, backward, optimizer;
};

estimate difference(const estimate& whole, const estimate& part) {
  estimate e = whole;
  e.seconds = std::max(0.0, whole.seconds - part.seconds);
  const double share = whole.seconds > 0 ? e.seconds / whole.seconds : 0;
  e.low = whole.low * share;
  e.high = whole.high * share;
  return e;
}

/// @param at  lowers the network up to a phase
template <class Lower>
step_parts parts_of(const Lower& at, phase last, const gpu_model& model, const dispatch& host) {
  step_parts parts;
  parts.forward = network_time(at(phase::forward), model, host);
  if (last == phase::forward) return parts;
  const estimate both = network_time(at(phase::forward_backward), model, host);
  parts.backward = difference(both, parts.forward);
  if (last == phase::full_step) {
    const estimate all = network_time(at(phase::full_step), model, host);
    parts.optimizer = difference(all, both);
  }
  return parts;
}

estimate sum_of(std::initializer_list<estimate> parts) {
  estimate_sum sum;
  for (const estimate& e : parts) sum.add(e);
  return sum.total();
}

fabric links_of(const case_parameters& parameters, const profiles::gpu_spec& gpu, int devices) {
  using profiles::interconnect;
  interconnect inside = usual_interconnect(gpu);
  if (const auto stated = parameters.find("interconnect")) {
    const std::string name = to_lower(*stated);
    if (name.find("pcie") != std::string::npos)
      inside = interconnect::pcie;
    else if (name.find("nv") != std::string::npos && inside == interconnect::pcie)
      inside = interconnect::nvlink;
  }
  const int each = std::min(devices, usual_node_devices(gpu));
  const int nodes = static_cast<int>(parameters.size("nodes", (devices + each - 1) / each));
  fabric links = node_fabric(gpu, inside, std::max(2, (devices + nodes - 1) / nodes), nodes);
  if (nodes > 1) {
    const double bits = parameters.has("network_gbps") ? parameters.number("network_gbps") * 1e9
                                                       : usual_network_bits(gpu, links.devices_per_node);
    links.network_bytes_per_second = bits / 8;
  }
  return links;
}

/// Forward only: stages one after the other and their sends, or the tensor group's sums.
estimate inference_time(const std::vector<stage_work>& stages, double boundary_bytes, const split& how,
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
            2 * static_cast<double>(request.shape.layers) * micro_batches);
  if (how.pipeline > 1)
    sum.add(estimate_collective(collective_kind::send_recv, boundary_bytes, links, 2, type), how.pipeline - 1);
  return sum.total();
}

struct network_answer {
  estimate step;
  double units = 0;  ///< sequences or images of a step
  double tokens = 0;
};

network_answer transformer_case(const prediction_case& what, const case_parameters& parameters, network_request request,
                                case_context& with) {
  const gpu_model& model = with.model(what.gpu);
  const profiles::gpu_spec& gpu = with.known().gpu(what.gpu);
  const split how = split_from(parameters, what.gpu_count);
  const auto micro_batches = static_cast<int>(parameters.size("micro_batches", 1));
  std::int64_t per_replica = 0;
  if (parameters.has("global_batch")) {
    const std::int64_t global = parameters.size("global_batch");
    if (global % how.data != 0) parameters.refuse("global_batch", fmt::format("does not divide by dp{}", how.data));
    per_replica = global / how.data;
  } else {
    per_replica = parameters.has("per_gpu_batch") ? parameters.size("per_gpu_batch") : parameters.size("batch");
  }
  if (per_replica % micro_batches != 0) parameters.refuse("micro_batches", "does not divide the batch of a replica");
  request.batch = per_replica / micro_batches;
  request.tensor_parallel = how.tensor;
  request.pipeline_stages = how.pipeline;
  const phase last = request.phase;
  const dispatch host = request.execution == models::execution::eager ? eager_dispatch : compiled_dispatch;
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
    const step_parts parts = parts_of(at, last, model, host);
    stage_work stage;
    stage.forward = parts.forward;
    stage.backward = parts.backward;
    stage.layers = static_cast<double>(models::stage_layers(request.shape.layers, how.pipeline, i).count());
    stage.gradient_bytes = models::device_parameters(request) * value_bytes;
    if (request.first_stage())
      stage.last_gradient_bytes = static_cast<double>(request.shape.vocabulary) *
                                  static_cast<double>(request.shape.hidden) / how.tensor * value_bytes;
    stages.push_back(stage);
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
  const fabric links = links_of(parameters, gpu, how.devices());
  if (last == phase::forward) {
    answer.step = inference_time(stages, boundary, how, micro_batches, request, links);
    return answer;
  }
  parallel_layout layout;
  layout.data = how.data;
  layout.tensor = how.tensor;
  layout.micro_batches = micro_batches;
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
  r.phase = choice(parameters, "phase", usual, [](const std::string& v) { return models::parse_phase(v); });
  r.numerics = numerics_from(what);
  r.execution = execution_from(parameters);
  const std::string attention = to_lower(parameters.text("attn", "eager_unfused"));
  if (attention == "flash" || attention == "sdpa" || attention == "fused") {
    r.attention = models::attention_kind::flash;
  } else if (attention != "eager_unfused" && attention != "eager" && attention != "unfused") {
    parameters.refuse("attn", "is not known", suggestion(attention, {"eager_unfused", "flash"}));
  }
  r.optimizer = optimizer_from(parameters, r.phase, models::optimizer_kind::adamw);
  r.fused_optimizer = parameters.flag("fused_optimizer", false) || r.optimizer == models::optimizer_kind::none ||
                      to_lower(parameters.text("optimizer", "")).find("lamb") != std::string::npos;
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

network_answer stated_network(const prediction_case& what, const case_parameters& parameters, case_context& with) {
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
  return transformer_case(what, parameters, request, with);
}

network_answer resnet_case(const prediction_case& what, const case_parameters& parameters, case_context& with) {
  const gpu_model& model = with.model(what.gpu);
  models::resnet50_request request;
  request.images = parameters.has("per_gpu_batch") ? parameters.size("per_gpu_batch") : parameters.size("batch");
  request.image_size = parameters.size("img", 224);
  request.numerics = numerics_from(what);
  request.phase =
      choice(parameters, "phase", phase::full_step, [](const std::string& v) { return models::parse_phase(v); });
  request.execution = execution_from(parameters);
  // Tensor cores are used with the channels innermost by whoever asks for mixed precision.
  const bool narrow = models::matrix_precision(request.numerics) == models::precision::fp16 ||
                      models::matrix_precision(request.numerics) == models::precision::bf16;
  request.channels_last = to_lower(parameters.text("layout", narrow ? "nhwc" : "nchw")) == "nhwc";
  // The model of tf32 convolutions holds the reordering of what is not so already.
  if (request.numerics == models::numerics::tf32) request.channels_last = true;
  request.optimizer = optimizer_from(parameters, request.phase, models::optimizer_kind::momentum);
  if (request.optimizer == models::optimizer_kind::sgd) request.optimizer = models::optimizer_kind::momentum;
  const phase last = request.phase;
  const dispatch host = request.execution == models::execution::eager ? eager_dispatch : compiled_dispatch;
  const auto at = [&](phase part) {
    models::resnet50_request r = request;
    r.phase = part;
    if (part != phase::full_step) r.optimizer = models::optimizer_kind::none;
    return models::lower(r);
  };
  const step_parts parts = parts_of(at, last, model, host);
  const split how = split_from(parameters, what.gpu_count);
  if (how.tensor > 1 || how.pipeline > 1) parameters.refuse("parallel", "is not a split of ResNet-50", "it is dp");
  network_answer answer;
  answer.units = static_cast<double>(request.images) * how.data;
  if (how.data == 1 || last == phase::forward) {
    answer.step = sum_of({parts.forward, parts.backward, parts.optimizer});
    return answer;
  }
  stage_work stage;
  stage.forward = parts.forward;
  stage.backward = parts.backward;
  stage.layers = 1;
  stage.gradient_bytes = models::resnet50_parameters() * 4;
  parallel_layout layout;
  layout.data = how.data;
  answer.step =
      compose_step({stage}, 0, parts.optimizer, layout, links_of(parameters, with.known().gpu(what.gpu), how.data))
          .total();
  return answer;
}

}  // namespace

case_answer network_case(const prediction_case& what, const case_parameters& parameters, case_context& with) {
  require_rate(what, with.model(what.gpu).on(), numerics_from(what));
  network_answer found;
  if (parameters.has("arch")) {
    found = stated_network(what, parameters, with);
  } else {
    const std::string name = to_lower(parameters.text("model"));
    if (name == "resnet50" || name == "resnet-50" || name == "resnet50_v1.5") {
      found = resnet_case(what, parameters, with);
    } else {
      const models::transformer shape = profiles::find_language_model(with.language_models(), name).shape;
      network_request request = request_from(what, parameters, shape, phase::full_step);
      // BERT's word head works on the masked seventh of the positions at most: next to nothing beside the layers.
      request.head = head_from(parameters, shape.pretraining_head ? network_head::classification : network_head::lm);
      found = transformer_case(what, parameters, request, with);
    }
  }
  // Beside the errors of its operators: frameworks, versions and settings run one network in times a fifth apart.
  // Assumed.
  constexpr double implementation_spread = 1.2;
  found.step.low /= implementation_spread;
  found.step.high *= implementation_spread;
  if (what.unit.find("/s") == std::string::npos) return in_time_unit(found.step, what);
  case_answer rate;
  const double work = what.unit.rfind("token", 0) == 0 && found.tokens > 0 ? found.tokens : found.units;
  rate.prediction = work / found.step.seconds;
  rate.low = work / found.step.high;
  rate.high = work / found.step.low;
  rate.unit = what.unit;
  rate.basis = found.step.basis;
  rate.bound_by = found.step.bound_by;
  return rate;
}

}  // namespace gpubench::predictor
