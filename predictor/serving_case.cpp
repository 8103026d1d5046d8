#include "predictor/serving_case.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "models/transformer_shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predictor/collective_case.hpp"
#include "predictor/fabric.hpp"
#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;

/// Stored bytes of a parameter in the named type: blocks of 32 (mxfp4) or 16 (nvfp4) values carry a scale of 8 bits.
/// Source: OCI Microscaling Formats specification 1.0; NVIDIA, NVFP4.
double stored_bytes(const std::string& type) {
  if (type == "mxfp4") return 0.5 + 1.0 / 32;
  if (type == "nvfp4" || type == "fp4") return 0.5 + 1.0 / 16;
  if (type == "int4" || type == "awq" || type == "gptq") return 0.5 + 2.0 / 128;
  if (type.rfind("fp8", 0) == 0 || type.rfind("int8", 0) == 0 || type == "w8a8") return 1;
  return 2;
}

bool is_known(const std::string& type) {
  return stored_bytes(type) < 2 || type == "bf16" || type == "fp16";
}

precision type_of(const std::string& type) {
  const double bytes = stored_bytes(type);
  return bytes < 1 ? precision::fp4 : bytes < 2 ? precision::fp8 : precision::bf16;
}

/// What the products compute in: weights of 4 bits in groups of integers are widened on the way in.
precision arithmetic_of(const std::string& type) {
  if (type == "int4" || type == "awq" || type == "gptq") return precision::bf16;
  if (type.rfind("int8", 0) == 0 || type == "w8a8") return precision::int8;
  return type_of(type);
}

/// Refuses what cannot be loaded or hold one request: nobody can measure it, and a model of time alone would find it
/// fast.
void require_room(const prediction_case& what, const serving_case& c) {
  const double weights = c.model.dense_parameters * c.dense_bytes_per_parameter * c.layout.attention_data +
                         c.model.expert_parameters * c.expert_bytes_per_parameter;
  const double memory = c.layout.devices() * c.gpu.memory_bytes;
  constexpr double least_left = 0.05;  // for activations and communicators
  // Ranks beyond the key-value heads hold copies of the same.
  const double copies = std::max(1.0, c.layout.tensor / std::max(1.0, c.model.kv_heads));
  const double request = c.model.kv_bytes_per_token * (c.prompt_tokens + c.output_tokens) * copies;
  if (weights + request <= memory * (1 - least_left)) return;
  throw error(error_kind::infeasible, what.position,
              fmt::format("the weights need {}, keys and values of one request {}, {:g} GPUs have {}",
                          format_bytes(weights), format_bytes(request), c.layout.devices(), format_bytes(memory)),
              "more GPUs, weights of fewer bits, or shorter requests");
}

served_model served(const models::transformer& shape, double prompt, double output) {
  served_model m;
  m.layers = static_cast<double>(shape.layers);
  m.hidden = static_cast<double>(shape.hidden);
  m.heads = static_cast<double>(shape.heads);
  // Latent attention has one cache for all heads.
  m.kv_heads = shape.latent.kv_rank > 0 ? 1 : static_cast<double>(shape.kv_heads);
  m.head_dim = static_cast<double>(shape.head_dim);
  m.experts = static_cast<double>(shape.experts.experts);
  m.experts_per_token = static_cast<double>(shape.experts.experts_per_token);
  for (const models::layer_group& group : models::layer_groups(shape)) {
    if (group.linear) m.linear_layers += static_cast<double>(group.count);
    if (group.local) m.window_layers += static_cast<double>(group.count);
  }
  m.window = static_cast<double>(shape.local.window);
  m.chunked = shape.local.chunked;
  m.expert_parameters = models::routed_expert_parameter_count(shape);
  m.dense_parameters = models::parameter_count(shape) - m.expert_parameters;
  const double held = prompt + output / 2;
  m.kv_bytes_per_token =
      models::kv_bytes(shape, std::max<std::int64_t>(1, static_cast<std::int64_t>(held)), precision::bf16) / held;
  return m;
}

}  // namespace

serving_case serving_case_from(const prediction_case& what, const case_parameters& parameters, case_context& with,
                               std::vector<std::string>& notes) {
  const profiles::gpu_spec& gpu = with.known().gpu(what.gpu);
  const std::string name = parameters.text("serve");
  const models::transformer shape = profiles::find_language_model(with.language_models(), name).shape;
  serving_case c;
  c.prompt_tokens = static_cast<double>(parameters.size("isl"));
  c.output_tokens = static_cast<double>(parameters.size("osl"));
  c.concurrency = static_cast<double>(parameters.size("concurrency", 1));
  c.model = served(shape, c.prompt_tokens, c.output_tokens);
  const models::weight_storage& storage = shape.experts.experts > 0 ? shape.expert_weights : shape.matrices;
  std::string type = type_name(what.precision);
  if (type.empty()) type = storage.type ? std::string(models::to_string(*storage.type)) : "bf16";
  if (!is_known(type)) {
    throw error(error_kind::input, what.position, "precision '" + type + "' is not one of served weights",
                "bf16, fp16, fp8, int8, nvfp4, mxfp4, int4, awq or gptq");
  }
  // The model's own mixed storage (gpt-oss: experts in 4 bits, all else in 16) goes before the name of the precision.
  const bool stored_so = shape.experts.experts > 0 && shape.expert_weights.type == precision::fp4;
  c.dense_bytes_per_parameter = stored_bytes(type);
  c.expert_bytes_per_parameter = c.dense_bytes_per_parameter;
  if (type_of(type) == precision::fp4 && stored_so) {
    c.expert_bytes_per_parameter = shape.expert_weights.bytes(precision::bf16);
    c.dense_bytes_per_parameter = shape.matrices.bytes(precision::bf16);
  }
  const precision arithmetic = arithmetic_of(type);
  c.quantises_activations = arithmetic != precision::bf16 && gpu.dense_peak(arithmetic).has_value();
  with.model(what.gpu);  // refuses a GPU whose rates are not known
  c.gpu = serving_gpu_of(gpu, arithmetic);
  c.layout.tensor = static_cast<double>(parameters.size("tp_size", parameters.size("tp", 1)));
  c.layout.pipeline = static_cast<double>(parameters.size("pp_size", parameters.size("pp", 1)));
  c.layout.attention_data = static_cast<double>(parameters.size("attention_dp_size", 1));
  parameters.find("moe_tp_size");
  parameters.find("moe_ep_size");
  const double stated = what.gpu_count;
  if (stated > 1 && c.layout.devices() > stated) {
    // An engine that reports its tensor group as attention replicas too counts the same GPUs twice.
    c.layout.attention_data = std::max(1.0, std::floor(stated / (c.layout.tensor * c.layout.pipeline)));
    if (c.layout.devices() > stated)
      throw error(error_kind::input, what.position,
                  fmt::format("tp_size and pp_size make {} GPUs of {}", c.layout.devices(), stated));
    notes.push_back(fmt::format("the sizes make more GPUs than the {} stated: attention_dp_size taken as {}", stated,
                                c.layout.attention_data));
  }
  // Across hosts a GPU's share of the network is what links it, and a small sum takes some 25 us
  // (docs/prediction/serving.md).
  const int stage = static_cast<int>(c.layout.tensor * c.layout.attention_data);
  const int domain = gpu.architecture.rfind("Grace Blackwell", 0) == 0 ? 72 : usual_node_devices(gpu);
  const bool across = stage > domain;
  const fabric links = node_fabric(gpu, usual_interconnect(gpu), std::clamp(stage, 2, domain), 1);
  c.gpu.link_bytes_per_second = across ? usual_network_bits(gpu, 1) / 8 : links.inside_bytes_per_second;
  const bool nvlink = links.inside != fabric::link::pcie && links.inside != fabric::link::none;
  c.gpu.all_reduce_seconds = across ? 25e-6 : nvlink ? 5e-6 : 20e-6;
  require_room(what, c);
  const std::string engine = to_lower(parameters.text("engine", ""));
  c.engine = serving_engine_of(with.operators().engines, engine, parameters.text("engine_version", ""));
  if (!c.engine.exact) notes.push_back("no server of this engine version was measured: the nearest stands in for it");
  c.disaggregated = to_lower(parameters.text("mode", "agg")).rfind("dis", 0) == 0;
  return c;
}

estimate serving_case_time(const prediction_case& what, const case_parameters& parameters, case_context& with,
                           std::vector<std::string>& notes) {
  const std::string metric = to_lower(parameters.text("metric", "tpot"));
  if (metric != "tpot" && metric != "ttft") parameters.refuse("metric", "is not known", "tpot or ttft");
  const serving_case c = serving_case_from(what, parameters, with, notes);
  const serving_times times = estimate_serving(c, serving_steps_of(c));
  estimate e = metric == "tpot" ? times.tpot : times.ttft;
  // Elsewhere than on the GPUs behind the engines' constants their host's share is the same, the GPU's is not.
  const gpu_traits& on = with.model(what.gpu).on();
  if (std::find(c.engine.gpus.begin(), c.engine.gpus.end(), on.name) == c.engine.gpus.end()) {
    constexpr double foreign = 1.25;
    const bool related = std::any_of(c.engine.gpus.begin(), c.engine.gpus.end(), [&](const std::string& name) {
      const profiles::gpu_spec* gpu = with.known().find_gpu(name);
      return gpu && gpu->architecture == on.architecture;
    });
    e.basis = related ? basis::architecture : basis::data_sheet;
    e.low /= foreign;
    e.high *= foreign;
  }
  return e;
}

}  // namespace gpubench::predictor
