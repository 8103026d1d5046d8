#include "core/units.hpp"
#include "models/transformer.hpp"
#include "planner/performance.hpp"
#include "planner/serving.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace gpubench::planner {
namespace {

std::vector<std::int64_t> concurrencies(std::int64_t most) {
  std::vector<std::int64_t> all;
  for (std::int64_t b = 1; b < most; b *= 2) {
    all.push_back(b);
    if (b >= 2 && b + b / 2 < most) all.push_back(b + b / 2);
  }
  all.push_back(most);
  return all;
}

}  // namespace

serving_point estimate_serving(const system_under_plan& system, step_library& steps, const serving_constants& constants,
                               const layout& split) {
  const profiles::workload& what = steps.what();
  const double layers = static_cast<double>(what.transformer.layers);
  const double b = static_cast<double>(split.micro_batch);
  const double hidden_bytes = 2.0 * static_cast<double>(what.transformer.hidden);
  const auto all_reduces = [&](double tokens) {
    // One after attention and one after the feed-forward block, in every layer (Megatron-LM, arXiv 1909.08053).
    return estimate_collective(collective_kind::all_reduce, tokens * hidden_bytes, system.links, split.tensor_parallel);
  };
  serving_point point;
  estimate_sum decode =
      system.model->shared_time(steps.decode(split.micro_batch, split.precision, split.tensor_parallel));
  const estimate_sum& prefill = system.model->shared_time(steps.prefill(split.precision, split.tensor_parallel));
  estimate_sum prefill_all = prefill;
  if (split.tensor_parallel > 1) {
    decode.add(all_reduces(b), 2 * layers);
    prefill_all.add(all_reduces(static_cast<double>(what.prompt_tokens)), 2 * layers);
  }
  const double dispatch = layers * (constants.dispatch_seconds_per_layer +
                                    (split.tensor_parallel > 1 ? constants.tensor_parallel_seconds_per_layer : 0));
  const double prompts_per_step = b / static_cast<double>(std::max<std::int64_t>(1, what.output_tokens));
  const double decode_seconds = decode.total().seconds * constants.decode_factor;
  const double prefill_seconds = prefill_all.total().seconds;
  const double tpot = decode_seconds + prompts_per_step * prefill_seconds * constants.prefill_factor + dispatch;
  point.tpot = {tpot, tpot * constants.tpot_error_low, tpot * constants.tpot_error_high, decode.total().basis,
                bound::memory};
  const double ttft =
      constants.ttft_seconds + prefill_seconds * constants.ttft_prefill_factor *
                                   (1 + constants.ttft_queue_factor * std::pow(b, constants.ttft_queue_power));
  point.ttft = {ttft, ttft * constants.ttft_error_low, ttft * constants.ttft_error_high, decode.total().basis,
                bound::compute};
  // The step's time by cause: decode and prefill by their operators' bounds, dispatch as overhead.
  for (std::size_t i = 0; i < 6; ++i) {
    estimate part;
    part.bound_by = static_cast<bound>(i);
    part.seconds = decode.share(part.bound_by) * decode_seconds +
                   prefill_all.share(part.bound_by) * prompts_per_step * prefill_seconds * constants.prefill_factor +
                   (part.bound_by == bound::overhead ? dispatch : 0);
    point.parts.add(part);
  }
  // The constants come from one GPU family: others add a quarter, other vendors and CPUs more.
  const device& on = *system.device;
  const double width = on.architecture == "Hopper" ? 1 : on.gpu && on.gpu->vendor == "NVIDIA" ? 1.25 : 1.6;
  for (estimate* e : {&point.tpot, &point.ttft}) {
    e->low /= width;
    e->high *= width;
    if (width > 1.5) e->basis = basis::data_sheet;
  }
  const double osl = static_cast<double>(what.output_tokens);
  // Little's law: a request holds its place from its first to its last token.
  point.output_tokens_per_second = b * osl / (ttft + tpot * std::max(0.0, osl - 1));
  return point;
}

outcome plan_serving(const system_under_plan& system, step_library& steps, const serving_constants& constants,
                     models::precision precision) {
  const profiles::workload& what = steps.what();
  const device& on = *system.device;
  outcome result;
  double least_need = 0;
  std::string latency;
  const int per_node = system.links.devices_per_node;
  const std::vector<std::int64_t> counts = concurrencies(std::max<std::int64_t>(1, what.max_concurrency));
  for (const int tp : {1, 2, 4, 8}) {
    if (tp > per_node || per_node % tp != 0 || what.transformer.heads % tp != 0) continue;
    layout split;
    split.precision = precision;
    split.tensor_parallel = tp;
    split.data_parallel = system.links.devices() / tp;
    for (const std::int64_t requests : counts) {
      split.micro_batch = requests;
      const memory_need need = inference_memory(what, split, on);
      if (need.total() > on.memory_bytes) {
        if (least_need == 0 || need.total() < least_need) least_need = need.total();
        break;
      }
      const serving_point point = estimate_serving(system, steps, constants, split);
      const double tpot = duration_at_confidence(point.tpot, system.confidence);
      const double ttft = duration_at_confidence(point.ttft, system.confidence);
      if (what.max_tpot_seconds && tpot > *what.max_tpot_seconds) {
        if (latency.empty())
          latency = "time per output token " + format_duration(tpot) + " at the confidence asked for, limit " +
                    format_duration(*what.max_tpot_seconds);
        break;
      }
      if (what.max_ttft_seconds && ttft > *what.max_ttft_seconds) {
        if (latency.empty())
          latency = "time to first token " + format_duration(ttft) + " at the confidence asked for, limit " +
                    format_duration(*what.max_ttft_seconds);
        break;
      }
      const double units_per_step = static_cast<double>(requests * split.data_parallel);
      estimate step = point.tpot;
      // The rate counts the wait for the first token too: the step is what a token takes over a whole request.
      const double per_token = static_cast<double>(requests) / point.output_tokens_per_second;
      const double scale = per_token / step.seconds;
      step.seconds *= scale;
      // Tuned engines at full load were published 1.2 to 1.9 times as fast as this predicts (docs/planning.md).
      step.low *= scale * 0.6;
      step.high *= scale;
      performance candidate = with_host(system, what, point.parts, step, units_per_step);
      if (!result.best || candidate.units_per_second > result.best->units_per_second) {
        candidate.split = split;
        candidate.memory = need;
        result.best = std::move(candidate);
      }
    }
  }
  if (!result.best) {
    if (!latency.empty()) {
      result.reason = rejection_reason::latency;
      result.detail = latency;
    } else {
      result.detail = memory_shortage(least_need, on);
    }
  }
  return result;
}

}  // namespace gpubench::planner
