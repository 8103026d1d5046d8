#include "planner/serving.hpp"

#include "models/transformer.hpp"
#include "models/transformer_shape.hpp"

#include <algorithm>
#include <cstdint>

namespace gpubench::planner {

using models::precision;

predictor::serving_case serving_case_of(const system_under_plan& system, const profiles::workload& what,
                                        const layout& split) {
  const device& on = *system.device;
  const precision kept = is_wide(split.precision) ? precision::fp32 : precision::bf16;
  predictor::serving_case c;
  c.model = predictor::served_model_of(what.transformer, static_cast<double>(what.prompt_tokens),
                                       static_cast<double>(what.output_tokens), kept);
  c.gpu.bandwidth_bytes_per_second = on.memory_bandwidth_bytes_per_second * on.time_share;
  c.gpu.memory_bytes = on.memory_bytes;
  c.gpu.dense_peak_flop_per_second = on.dense_peak(split.precision).value_or(0) * on.time_share;
  const precision attends = supported_precision(on, kept, precision::fp32).value_or(split.precision);
  c.gpu.attention_peak_flop_per_second =
      on.dense_peak(attends).value_or(on.dense_peak(split.precision).value_or(0)) * on.time_share;
  predictor::set_links(c.gpu, system.links, split.tensor_parallel);
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
  // Elsewhere than on the GPUs behind the engines' constants: a quarter, other vendors and CPUs more.
  const device& on = *system.device;
  const auto& measured = c.engine.gpus;
  const bool is_measured =
      on.gpu && on.time_share == 1 && std::find(measured.begin(), measured.end(), on.gpu->name) != measured.end();
  const double width = is_measured ? 1 : on.gpu && on.gpu->vendor == "NVIDIA" ? 1.25 : 1.6;
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
