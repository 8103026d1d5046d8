#include "models/network_request.hpp"

#include "core/error.hpp"
#include "models/transformer_shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace gpubench::models {
namespace {

template <class Value>
using named = std::pair<Value, std::string_view>;

constexpr named<execution> executions[] = {
    {execution::eager, "eager"}, {execution::compiled, "compiled"}, {execution::engine, "engine"}};
constexpr named<attention_kind> attention_kinds[] = {{attention_kind::unfused, "eager_unfused"},
                                                     {attention_kind::flash, "flash"}};
constexpr named<phase> phases[] = {
    {phase::forward, "fwd"}, {phase::forward_backward, "fwd+bwd"}, {phase::full_step, "full_step"}};
constexpr named<numerics> all_numerics[] = {{numerics::fp32, "fp32"},         {numerics::tf32, "tf32"},
                                            {numerics::fp16, "fp16"},         {numerics::bf16, "bf16"},
                                            {numerics::fp16_amp, "fp16-amp"}, {numerics::bf16_amp, "bf16-amp"}};
constexpr named<optimizer_kind> optimizers[] = {{optimizer_kind::none, "none"},
                                                {optimizer_kind::sgd, "sgd"},
                                                {optimizer_kind::momentum, "momentum"},
                                                {optimizer_kind::adam, "adam"},
                                                {optimizer_kind::adamw, "adamw"}};
constexpr named<network_head> heads[] = {{network_head::none, "none"},
                                         {network_head::lm, "lm"},
                                         {network_head::classification, "classification"},
                                         {network_head::pretraining, "pretraining"}};

template <class Value>
std::string_view name_of(std::span<const named<Value>> names, Value value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  return {};
}

template <class Value>
std::optional<Value> value_of(std::span<const named<Value>> names, std::string_view wanted) {
  for (const auto& [value, name] : names)
    if (name == wanted) return value;
  return std::nullopt;
}

void refuse(const std::string& what, const std::string& hint) {
  throw error(error_kind::usage, what, hint);
}

}  // namespace

std::string_view to_string(execution how) {
  return name_of<execution>(executions, how);
}
std::optional<execution> parse_execution(std::string_view name) {
  return value_of<execution>(executions, name);
}
std::string_view to_string(attention_kind kind) {
  return name_of<attention_kind>(attention_kinds, kind);
}
std::string_view to_string(phase part) {
  return name_of<phase>(phases, part);
}
std::optional<phase> parse_phase(std::string_view name) {
  return value_of<phase>(phases, name);
}
std::string_view to_string(numerics types) {
  return name_of<numerics>(all_numerics, types);
}
std::optional<numerics> parse_numerics(std::string_view name) {
  return name == "amp" ? numerics::fp16_amp : value_of<numerics>(all_numerics, name);
}
std::string_view to_string(optimizer_kind kind) {
  return name_of<optimizer_kind>(optimizers, kind);
}
std::optional<optimizer_kind> parse_optimizer(std::string_view name) {
  return value_of<optimizer_kind>(optimizers, name);
}
std::string_view to_string(network_head head) {
  return name_of<network_head>(heads, head);
}
std::optional<network_head> parse_head(std::string_view name) {
  return value_of<network_head>(heads, name);
}

precision matrix_precision(numerics types) {
  switch (types) {
    case numerics::fp32:
      return precision::fp32;
    case numerics::tf32:
      return precision::tf32;
    case numerics::fp16:
    case numerics::fp16_amp:
      return precision::fp16;
    case numerics::bf16:
    case numerics::bf16_amp:
      return precision::bf16;
  }
  return precision::fp32;
}

precision stored_precision(numerics types) {
  switch (types) {
    case numerics::fp16:
      return precision::fp16;
    case numerics::bf16:
      return precision::bf16;
    default:
      return precision::fp32;
  }
}

layer_range stage_layers(std::int64_t layers, std::int64_t stages, std::int64_t stage) {
  const std::int64_t each = layers / stages, more = layers % stages;
  const std::int64_t first = stage * each + std::min(stage, more);
  return {first, first + each + (stage < more ? 1 : 0)};
}

void require_valid(const network_request& r) {
  require_valid(r.shape, r.batch, r.sequence, r.tensor_parallel);
  if (r.pipeline_stages < 1 || r.pipeline_stages > r.shape.layers)
    refuse(fmt::format("{} layers cannot be split into {} pipeline stages", r.shape.layers, r.pipeline_stages),
           fmt::format("choose 1 to {} stages", r.shape.layers));
  if (r.pipeline_stage < 0 || r.pipeline_stage >= r.pipeline_stages)
    refuse(fmt::format("there is no pipeline stage {} of {}", r.pipeline_stage, r.pipeline_stages),
           "stages count from 0");
  if (r.shape.positions > 0 && r.sequence > r.shape.positions)
    refuse(
        fmt::format("a sequence of {} tokens is longer than the model's {} positions", r.sequence, r.shape.positions),
        "choose a shorter sequence");
  if (r.execution == execution::engine && r.trains())
    refuse("an inference engine does not train", "choose eager or compiled execution, or the forward phase");
  if (r.head == network_head::pretraining && r.shape.family != transformer_family::bert)
    refuse(fmt::format("{} has no head for masked words", to_string(r.shape.family)), "choose the head lm");
  if (r.phase == phase::full_step && r.optimizer == optimizer_kind::none)
    refuse("a full training step needs an optimizer", "choose sgd, momentum, adam or adamw");
}

}  // namespace gpubench::models
