#include "planner/serving.hpp"

#include "models/transformer.hpp"
#include "models/transformer_shape.hpp"

#include <algorithm>
#include <cstdint>

namespace gpubench::planner {
namespace {

using models::precision;

predictor::served_model served(const profiles::workload& what, precision kept) {
  const models::transformer& shape = what.transformer;
  predictor::served_model m;
  m.layers = static_cast<double>(shape.layers);
  m.hidden = static_cast<double>(shape.hidden);
  m.heads = static_cast<double>(shape.heads);
  // Latent attention has one cache for all heads.
  for (const models::layer_group& group : models::layer_groups(shape)) {
    if (group.linear) m.linear_layers += static_cast<double>(group.count);
    if (group.local) m.window_layers += static_cast<double>(group.count);
  }
  m.window = static_cast<double>(shape.local.window);
  m.chunked = shape.local.chunked;
  m.kv_heads = shape.latent.kv_rank > 0 ? 1 : static_cast<double>(shape.kv_heads);
  m.head_dim = static_cast<double>(shape.head_dim);
  m.experts = static_cast<double>(shape.experts.experts);
  m.experts_per_token = static_cast<double>(shape.experts.experts_per_token);
  m.expert_parameters = models::routed_expert_parameter_count(shape);
  m.dense_parameters = models::parameter_count(shape) - m.expert_parameters;
  const std::int64_t held = std::max<std::int64_t>(1, what.prompt_tokens + what.output_tokens / 2);
  m.kv_bytes_per_token = models::kv_bytes(shape, held, kept) / static_cast<double>(held);
  return m;
}

}  // namespace

predictor::serving_case serving_case_of(const system_under_plan& system, const profiles::workload& what,
                                        const layout& split) {
  const device& on = *system.device;
  const precision kept = is_wide(split.precision) ? precision::fp32 : precision::bf16;
  predictor::serving_case c;
  c.model = served(what, kept);
  c.gpu.bandwidth_bytes_per_second = on.memory_bandwidth_bytes_per_second;
  c.gpu.memory_bytes = on.memory_bytes;
  c.gpu.dense_peak_flop_per_second = on.dense_peak(split.precision).value_or(0);
  const precision attends = supported_precision(on, kept, precision::fp32).value_or(split.precision);
  c.gpu.attention_peak_flop_per_second = on.dense_peak(attends).value_or(c.gpu.dense_peak_flop_per_second);
  c.gpu.link_bytes_per_second = system.links.inside_bytes_per_second;
  const bool slow = system.links.inside == fabric::link::pcie || system.links.inside == fabric::link::none;
  c.gpu.all_reduce_seconds = slow ? 20e-6 : 5e-6;
  c.layout.tensor = split.tensor_parallel;
  c.dense_bytes_per_parameter = c.expert_bytes_per_parameter = models::bytes_per_element(split.precision);
  c.quantises_activations = c.dense_bytes_per_parameter < 2;
  c.prompt_tokens = static_cast<double>(what.prompt_tokens);
  c.output_tokens = static_cast<double>(std::max<std::int64_t>(1, what.output_tokens));
  c.concurrency = static_cast<double>(split.micro_batch);
  c.engine = system.engine;
  return c;
}

serving_point estimate_serving(const system_under_plan& system, step_library& steps, const layout& split) {
  predictor::serving_case c = serving_case_of(system, steps.what(), split);
  predictor::serving_steps times;
  if (system.device->is_cpu) {
    c.engine = {};
    c.engine.exact = false;
    times.running = c.concurrency;
    times.decode = system.model->shared_time(steps.decode(split.micro_batch, split.precision, split.tensor_parallel))
                       .total()
                       .seconds;
    times.alone_prompt = times.prompt_arithmetic =
        system.model->shared_time(steps.prefill(split.precision, split.tensor_parallel)).total().seconds;
  } else {
    times = predictor::serving_steps_of(c);
  }
  const predictor::serving_times found = predictor::estimate_serving(c, times);
  serving_point point{found.tpot, found.ttft, found.output_tokens_per_second};
  // The engines' constants come from one GPU: others add a quarter, other vendors and CPUs more.
  const device& on = *system.device;
  const double width = on.architecture == "Hopper" ? 1 : on.gpu && on.gpu->vendor == "NVIDIA" ? 1.25 : 1.6;
  for (estimate* e : {&point.tpot, &point.ttft}) {
    e->low /= width;
    e->high *= width;
    if (width > 1.5) e->basis = basis::data_sheet;
  }
  return point;
}

estimate_sum serving_parts(const system_under_plan& system, step_library& steps, const layout& split,
                           const serving_point& point) {
  const estimate_sum& decode =
      system.model->shared_time(steps.decode(split.micro_batch, split.precision, split.tensor_parallel));
  const estimate_sum& prefill = system.model->shared_time(steps.prefill(split.precision, split.tensor_parallel));
  const double prompts = static_cast<double>(split.micro_batch) /
                         static_cast<double>(std::max<std::int64_t>(1, steps.what().output_tokens));
  double decode_seconds = decode.total().seconds, prefill_seconds = prompts * prefill.total().seconds;
  const double scale = std::min(1.0, point.tpot.seconds / (decode_seconds + prefill_seconds));
  estimate_sum parts;
  for (std::size_t i = 0; i < 6; ++i) {
    estimate part;
    part.bound_by = static_cast<bound>(i);
    part.seconds =
        scale * (decode.share(part.bound_by) * decode_seconds + prefill.share(part.bound_by) * prefill_seconds);
    parts.add(part);
  }
  estimate rest;
  rest.bound_by = bound::overhead;
  rest.seconds = point.tpot.seconds - scale * (decode_seconds + prefill_seconds);
  if (rest.seconds > 0) parts.add(rest);
  return parts;
}

}  // namespace gpubench::planner
