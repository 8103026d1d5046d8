#include "planner/replica_plan.hpp"

#include "planner/serving.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gpubench::planner {
namespace {

constexpr std::int64_t most_batch = 4096;         // below the tokens of a step
constexpr double prompt_tokens_of_a_step = 8192;  // predictor/serving_step.cpp, most_prompt_tokens

/// Values at some batches, straight between them.
template <class At>
void tabulate(std::vector<serving::decode_cost>& table, std::int64_t limit, At at) {
  table.assign(static_cast<std::size_t>(limit) + 1, {});
  table[1] = at(1);
  std::int64_t last = 1;
  while (last < limit) {
    const std::int64_t next = std::min(limit, last + std::max<std::int64_t>(1, last / 2));
    const auto& low = table[static_cast<std::size_t>(last)];
    const serving::decode_cost high = at(next);
    for (std::int64_t b = last + 1; b <= next; ++b) {
      const double share = static_cast<double>(b - last) / static_cast<double>(next - last);
      const auto between = [&](double serving::decode_cost::*part) {
        return low.*part + share * (high.*part - low.*part);
      };
      table[static_cast<std::size_t>(b)] = {between(&serving::decode_cost::seconds),
                                            between(&serving::decode_cost::seconds_per_context_token),
                                            between(&serving::decode_cost::prompt_step_seconds)};
    }
    last = next;
  }
}

void use_gpu_steps(serving::replica_model& model, predictor::serving_case c, std::int64_t limit) {
  c.gpu.memory_bytes = 1e18;  // what fits is the cache's affair, not the step's
  const double context = c.prompt_tokens + c.output_tokens / 2;
  const auto steps_at = [&](double running, double prompt) {
    c.concurrency = running;
    c.prompt_tokens = prompt;
    c.output_tokens = 0;
    return predictor::serving_steps_of(c);
  };
  // A prompt's arithmetic is a p + b p^2, its traffic x p + what its step reads besides.
  constexpr double p = 1024, q = 8192;
  const double single = steps_at(1, p).prompt_arithmetic;
  const double square = std::max(0.0, (steps_at(1, 2 * p).prompt_arithmetic - 2 * single) / (2 * p * p));
  const double exchange = std::max(0.0, (steps_at(1, q).prompt_traffic - steps_at(1, q / 2).prompt_traffic) / (q / 2));
  model.prompt_token_seconds = (single / p - square * p) * c.engine.prefill_factor + exchange;
  model.prompt_attention_seconds = 2 * square * c.engine.prefill_factor;
  const predictor::serving_steps short_prompt = steps_at(1, 64);
  model.least_prompt_step_seconds = short_prompt.alone_prompt;
  model.first_token_seconds = c.engine.first_token_seconds + short_prompt.prompt_dispatch;
  tabulate(model.decode, limit, [&](std::int64_t b) {
    const auto running = static_cast<double>(b);
    const double low = steps_at(running, context / 2).decode, high = steps_at(running, 1.5 * context).decode;
    const double slope = std::max(0.0, (high - low) / (running * context));
    return serving::decode_cost{std::max(1e-9, low - slope * running * context / 2), slope,
                                std::max(0.0, steps_at(running, q).prompt_traffic - exchange * q)};
  });
}

// A CPU's lowered steps hold half of the output, whatever the context.
void use_cpu_steps(serving::replica_model& model, const system_under_plan& system, step_library& steps,
                   const layout& split, std::int64_t limit) {
  const auto seconds = [&](const lowered_step& step) { return system.model->shared_time(step).total().seconds; };
  tabulate(model.decode, limit, [&](std::int64_t b) {
    return serving::decode_cost{seconds(steps.decode(b, split.precision, split.tensor_parallel)), 0, 0};
  });
  model.prompt_token_seconds =
      seconds(steps.prefill(split.precision, split.tensor_parallel)) / static_cast<double>(steps.what().prompt_tokens);
}

}  // namespace

replica_plans plan_replicas(const system_under_plan& system, step_library& steps) {
  const profiles::workload& what = steps.what();
  const device& on = *system.device;
  replica_plans result;
  const auto precision = supported_precision(on, what.precision, what.fallback_precision);
  if (!precision) {
    result.reason = rejection_reason::unsupported;
    result.detail = "no rate for " + std::string(models::to_string(what.precision)) + " is known";
    return result;
  }
  result.precision = *precision;
  double least_need = 0;
  const int per_node = system.links.devices_per_node;
  for (const int tp : {1, 2, 4, 8}) {
    if (tp > per_node || per_node % tp != 0 || what.transformer.heads % tp != 0) continue;
    replica_plan plan;
    plan.split.precision = *precision;
    plan.split.tensor_parallel = tp;
    plan.split.data_parallel = per_node / tp;
    plan.split.micro_batch = 1;
    const double alone = inference_memory(what, plan.split, on).total();
    const std::int64_t limit = std::clamp<std::int64_t>(what.max_concurrency, 1, most_batch);
    plan.split.micro_batch = limit;
    plan.memory = inference_memory(what, plan.split, on);
    const double held = static_cast<double>(what.prompt_tokens) + static_cast<double>(what.output_tokens) / 2;
    const double token_bytes = plan.memory.kv_cache / static_cast<double>(limit) / held;
    const double room = on.memory_bytes - (plan.memory.total() - plan.memory.kv_cache);
    plan.model.kv_capacity_tokens = std::floor(room / token_bytes);
    if (plan.model.kv_capacity_tokens < static_cast<double>(what.prompt_tokens + what.output_tokens)) {
      const double need = std::max(alone, on.memory_bytes - room + token_bytes * held);
      if (least_need == 0 || need < least_need) least_need = need;
      continue;
    }
    // As much as the batch limit or the cache holds, whichever is less.
    plan.memory.kv_cache = std::min(plan.memory.kv_cache, std::max(0.0, room));
    plan.model.step_tokens = prompt_tokens_of_a_step;
    plan.model.prefix_cache_share = what.service.prefix_cache_share;
    plan.model.tokens_per_step = what.service.tokens_per_step;
    if (on.is_cpu) {
      use_cpu_steps(plan.model, system, steps, plan.split, limit);
    } else {
      use_gpu_steps(plan.model, serving_case_of(system, what, plan.split), limit);
    }
    layout single = plan.split;
    single.micro_batch = 1;
    const serving_point point = estimate_serving(system, steps, single);
    plan.error = {point.tpot.low / point.tpot.seconds, point.tpot.high / point.tpot.seconds,
                  point.ttft.low / point.ttft.seconds, point.ttft.high / point.ttft.seconds};
    plan.basis = point.tpot.basis;
    result.all.push_back(std::move(plan));
  }
  if (result.all.empty()) result.detail = memory_shortage(least_need, on);
  return result;
}

}  // namespace gpubench::planner
