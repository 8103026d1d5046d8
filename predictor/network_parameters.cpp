#include "predictor/network_parameters.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "predictor/collective_case.hpp"

namespace gpubench::predictor {
namespace {

using models::network_head;
using models::phase;

template <class Value, class Parse>
Value choice(const case_parameters& parameters, std::string_view key, Value otherwise, Parse parse) {
  const auto text = parameters.find(key);
  if (!text) return otherwise;
  if (const auto value = parse(to_lower(*text))) return *value;
  parameters.refuse(key, "is not known", "docs/prediction.md, \"Cases\", lists the values");
}

}  // namespace

parallel_split split_from(const case_parameters& parameters, int gpu_count) {
  parallel_split s;
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

fabric links_of(const case_parameters& parameters, const case_context& with, const profiles::gpu_spec& gpu,
                int devices) {
  const profiles::interconnect inside = interconnect_from(parameters, gpu);
  const int each = std::min(devices, usual_node_devices(gpu));
  const int nodes = static_cast<int>(parameters.size("nodes", (devices + each - 1) / each));
  fabric links = node_fabric(gpu, inside, std::max(2, (devices + nodes - 1) / nodes), nodes);
  links.collectives = &with.operators().collectives;
  if (nodes > 1) {
    links.network_bytes_per_second = network_bits_from(parameters, gpu, links.devices_per_node) / 8;
  }
  return links;
}

models::numerics numerics_from(const prediction_case& what) {
  const std::string name = what.precision.empty() ? "fp32" : type_name(what.precision);
  if (const auto types = models::parse_numerics(name)) return *types;
  throw error(error_kind::input, what.position, fmt::format("precision '{}' is not one of networks", what.precision),
              "fp32, tf32, fp16, bf16, fp16-amp or bf16-amp");
}

models::execution execution_from(const case_parameters& parameters) {
  const std::string name = to_lower(parameters.text("compile", "0"));
  if (name == "inductor" || name == "max-autotune" || name == "reduce-overhead") return models::execution::compiled;
  if (name == "none" || name == "eager") return models::execution::eager;
  return parameters.flag("compile", false) ? models::execution::compiled : models::execution::eager;
}

phase phase_from(const case_parameters& parameters, phase usual) {
  return choice(parameters, "phase", usual, [](const std::string& v) { return models::parse_phase(v); });
}

network_head head_from(const case_parameters& parameters, network_head usual) {
  const auto text = parameters.find("head");
  if (!text) return usual;
  const std::string name = to_lower(*text);
  if (name == "0" || name == "no" || name == "false" || name == "base") return network_head::none;
  if (name == "1" || name == "yes" || name == "true" || name == "causal_lm" || name == "lm_head")
    return network_head::lm;
  if (name == "mlm" || name == "masked_lm") return network_head::lm;
  if (name == "cls" || name == "seq_cls" || name == "sequence_classification") return network_head::classification;
  return choice(parameters, "head", usual, [](const std::string& v) { return models::parse_head(v); });
}

bool is_lamb(const case_parameters& parameters) {
  const std::string name = to_lower(parameters.text("optimizer", ""));
  return name == "lamb" || name == "fusedlamb";
}

models::optimizer_kind optimizer_from(const case_parameters& parameters, phase part, models::optimizer_kind usual) {
  const auto text = parameters.find("optimizer");
  if (part != phase::full_step) return models::optimizer_kind::none;
  if (!text) return usual;
  const std::string name = to_lower(*text);
  if (is_lamb(parameters)) return models::optimizer_kind::adamw;  // and its norms beside
  if (name == "sgd_momentum") return models::optimizer_kind::momentum;
  return choice(parameters, "optimizer", usual, [](const std::string& v) { return models::parse_optimizer(v); });
}

std::int64_t replica_batch(const case_parameters& parameters) {
  return parameters.has("per_gpu_batch") ? parameters.size("per_gpu_batch") : parameters.size("batch");
}

}  // namespace gpubench::predictor
