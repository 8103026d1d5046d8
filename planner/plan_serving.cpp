#include "core/units.hpp"
#include "planner/performance.hpp"
#include "planner/serving.hpp"

#include <algorithm>
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

outcome plan_serving(const system_under_plan& system, step_library& steps, models::precision precision) {
  const profiles::workload& what = steps.what();
  const device& on = *system.device;
  outcome result;
  struct chosen {
    serving_point point;
    estimate step;
    double units_per_step = 0;
  } best;
  double least_need = 0;
  std::string latency;
  const int per_node = system.links.devices_per_node;
  if (on.time_share < 1 && (what.max_tpot_seconds || what.max_ttft_seconds))
    return {std::nullopt, rejection_reason::latency,
            "has its GPU in turns with others: how long a request waits for its turn is not known"};
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
      const serving_point point = estimate_serving(system, steps, split);
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
      // Tuned engines at full load were published up to 1.7 times as fast as this predicts (docs/planning.md).
      step.low *= scale * 0.6;
      step.high *= scale;
      performance candidate = with_host(system, what, {}, step, units_per_step);
      if (!result.best || candidate.units_per_second > result.best->units_per_second) {
        candidate.split = split;
        candidate.memory = need;
        result.best = std::move(candidate);
        best = chosen{point, step, units_per_step};
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
  if (result.best) {
    // Shares are worked out for the chosen point alone: they need every operator's time.
    const layout split = result.best->split;
    const memory_need memory = result.best->memory;
    result.best =
        with_host(system, what, serving_parts(system, steps, split, best.point), best.step, best.units_per_step);
    result.best->split = split;
    result.best->memory = memory;
  }
  return result;
}

}  // namespace gpubench::planner
