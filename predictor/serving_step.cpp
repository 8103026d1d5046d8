#include "predictor/serving_step.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace gpubench::predictor {
namespace {

// Fitted on the same rows as the engines' constants, all models together.
constexpr double memory_efficiency = 0.93;   // of weights and cache streamed by a decode step
constexpr double compute_efficiency = 0.55;  // of the dense peak, in decode steps
constexpr double expert_slowdown = 2.7;      // of grouped products: few tokens an expert fill no tiles
constexpr double narrow_slowdown = 1.3;      // of 8- and 4-bit products of prompts: their rates reach less of the peak
constexpr double prompt_slowdown = 1.15;     // of a prompt alone, over the dense peak
constexpr double link_efficiency = 0.4;
constexpr double token_skew = 0.97;        // tokens choose experts less evenly than by chance
constexpr double request_seconds = 14e-6;  // sampling and bookkeeping of a request, each step
// Kernels of a layer in an engine: two normalisations, four products, rotation, cache write and attention, activation,
// and one for each input that is quantised; a mixture of experts routes, sorts, and gathers.
constexpr double layer_kernels = 10, quantising_kernels = 3, expert_kernels = 5;
constexpr double launch_seconds = 4e-5;      // of a kernel that is not in a graph, engine's own code included
constexpr double most_prompt_tokens = 8192;  // of a step: longer prompts take several
constexpr double memory_share = 0.9;         // that engines take by default
constexpr double reserved_bytes = 4e9;       // activations, graphs, communication buffers of a GPU
constexpr double wait_share = 0.65;          // requests leave earlier than the mean field's last one

// Quantiles of measured / predicted of engine versions that were not fitted on, models left out.
constexpr serving_band tpot_other{0.62, 1.4}, ttft_other{0.5, 3.5};

// A layer's exchanges of `tokens` activations of 16 bits: an all-reduce, 2 (n - 1) / n of them, after attention and one
// after the feed-forward block; where ranks attend to sequences of their own, experts gather all ranks' tokens.
double exchange_seconds(const serving_case& c, double tokens) {
  const auto moved = [](double n) { return n > 1 ? 2 * (n - 1) / n : 0; };
  const double group = tokens / c.layout.attention_data;
  const double ranks = c.layout.tensor * c.layout.attention_data;
  const double attention = moved(c.layout.tensor) * group;
  const double experts = c.model.experts > 0 && c.layout.attention_data > 1 ? moved(ranks) * tokens : attention;
  if (attention + experts <= 0) return 0;
  return (attention + experts) * 2 * c.model.hidden / (c.gpu.link_bytes_per_second * link_efficiency);
}

}  // namespace

double touched_experts(const served_model& model, double tokens) {
  if (model.experts <= 0) return 0;
  return 1 - std::pow(1 - model.experts_per_token / model.experts, tokens);
}

double attention_pairs(const served_model& m, double prompt) {
  const double seen = std::min(m.window, prompt);
  const double windowed = m.chunked ? prompt * seen / 2 : prompt * seen - seen * seen / 2;
  return (m.layers - m.window_layers - m.linear_layers) * prompt * prompt / 2 + m.window_layers * windowed;
}

serving_gpu serving_gpu_of(const profiles::gpu_spec& gpu, models::precision weights) {
  using models::precision;
  serving_gpu g;
  g.bandwidth_bytes_per_second = gpu.memory_bandwidth_bytes_per_second.value_or(0);
  g.memory_bytes = gpu.memory_bytes;
  const auto first_known = [&](std::initializer_list<precision> types) {
    for (const precision p : types) {
      if (const auto peak = gpu.dense_peak(p)) return *peak;
    }
    return 0.0;
  };
  g.attention_peak_flop_per_second = first_known({precision::bf16, precision::fp16, precision::fp32});
  g.dense_peak_flop_per_second = first_known({weights, precision::bf16, precision::fp16, precision::fp32});
  if (gpu.nvlink_bytes_per_second) {
    g.link_bytes_per_second = *gpu.nvlink_bytes_per_second / 2;
  } else {
    // A lane carries 1 GB/s in generation 3 and doubles with each (PCI Express base specification), 0.8 of it data.
    const int generation = std::clamp(gpu.pcie_generation.value_or(4), 1, 7);
    g.link_bytes_per_second = 0.8e9 * std::ldexp(1.0, generation - 3) * gpu.pcie_lanes.value_or(16);
    g.all_reduce_seconds = 20e-6;
  }
  return g;
}

serving_steps serving_steps_of(const serving_case& c) {
  const served_model& m = c.model;
  const serving_gpu& g = c.gpu;
  const bool mixture = m.experts > 0;
  // A pipeline's stages hold their own layers and cache but pass each token one after the other: a token's latency is
  // that of all layers on one stage's GPUs, with a stage's share of the requests.
  const double stage = c.layout.tensor * c.layout.attention_data;
  const double devices = stage * c.layout.pipeline;
  const double dense_bytes = m.dense_parameters * c.dense_bytes_per_parameter;
  const double expert_bytes = m.expert_parameters * c.expert_bytes_per_parameter;
  const double active = m.dense_parameters + (mixture ? m.expert_parameters * m.experts_per_token / m.experts : 0);
  const double context = c.prompt_tokens + c.output_tokens / 2;
  const double kv_shards = std::min(c.layout.tensor, std::max(1.0, m.kv_heads)) * c.layout.attention_data;

  serving_steps steps;
  const double room =
      devices * (g.memory_bytes * memory_share - reserved_bytes) - dense_bytes * c.layout.attention_data - expert_bytes;
  const double fitting = room * kv_shards / stage / std::max(1.0, m.kv_bytes_per_token) / std::max(1.0, context);
  steps.running = std::max(1.0, std::min({c.concurrency, c.engine.most_running_requests, fitting}));

  const double batch = steps.running / c.layout.pipeline;
  const double stream = g.bandwidth_bytes_per_second * memory_efficiency;
  const double touched = touched_experts(m, batch * token_skew);
  const double memory = (dense_bytes / c.layout.tensor + expert_bytes * touched / stage +
                         batch * context * m.kv_bytes_per_token / kv_shards) /
                        stream;
  const double slowdown = mixture ? expert_slowdown : 1;
  const double compute = 2 * active * batch / stage / g.dense_peak_flop_per_second * slowdown / compute_efficiency;
  const double kernels =
      m.layers * (layer_kernels + (c.quantises_activations ? quantising_kernels : 0) + (mixture ? expert_kernels : 0));
  const double reduces = stage > 1 ? 2 * m.layers : 0;
  steps.decode = std::sqrt(memory * memory + compute * compute) + m.layers * exchange_seconds(c, batch) +
                 reduces * g.all_reduce_seconds + kernels * c.engine.kernel_seconds + steps.running * request_seconds;

  const double prompt = c.prompt_tokens;
  const double arithmetic = 2 * active * prompt / stage / g.dense_peak_flop_per_second *
                            (mixture                   ? expert_slowdown
                             : c.quantises_activations ? narrow_slowdown
                                                       : 1);
  // Two products, two FLOP of each.
  const double attention =
      4 * attention_pairs(m, prompt) * m.heads * m.head_dim / stage / g.attention_peak_flop_per_second;
  const double exchange = m.layers * exchange_seconds(c, prompt);
  const double step_tokens = std::min(prompt, most_prompt_tokens);
  const double by_prompt = touched_experts(m, step_tokens * token_skew);
  const double further = expert_bytes * (1 - touched) * by_prompt / stage * std::ceil(prompt / most_prompt_tokens);
  steps.prompt_arithmetic = arithmetic + attention;
  steps.prompt_traffic = exchange + further / stream;
  const double weights = (dense_bytes / c.layout.tensor + expert_bytes * by_prompt / stage) / stream;
  steps.alone_prompt = std::max((arithmetic + attention) * prompt_slowdown, weights) + exchange;
  steps.prompt_dispatch = kernels * launch_seconds;
  return steps;
}

serving_times estimate_serving(const serving_case& c, const serving_steps& steps) {
  serving_times t;
  const double running = std::max(1.0, steps.running);
  const double outputs = std::max(1.0, c.output_tokens);
  const double delay = c.disaggregated ? 0
                                       : (running - 1) / outputs *
                                             (steps.prompt_arithmetic * c.engine.prefill_factor + steps.prompt_traffic);
  const double tpot = steps.decode + delay;
  const double waiting = std::max(0.0, c.concurrency - running) / running * wait_share;
  const double queue = std::max(1.0, running);
  const double ttft = c.engine.first_token_seconds + steps.prompt_dispatch +
                      steps.alone_prompt * c.engine.queue_factor *
                          (c.engine.queue_power == 0.5 ? std::sqrt(queue) : std::pow(queue, c.engine.queue_power)) +
                      waiting * (outputs * tpot + steps.alone_prompt);
  const serving_band& tpot_band = c.engine.exact ? c.engine.tpot : tpot_other;
  const serving_band& ttft_band = c.engine.exact ? c.engine.ttft : ttft_other;
  t.tpot = {tpot, tpot * tpot_band.low, tpot * tpot_band.high, basis::calibrated,
            delay > 0.5 * tpot ? bound::compute : bound::memory};
  t.ttft = {ttft, ttft * ttft_band.low, ttft * ttft_band.high, basis::calibrated,
            steps.alone_prompt > 0.3 * ttft ? bound::compute : bound::host};
  t.output_tokens_per_second = c.concurrency * outputs / (ttft + tpot * (outputs - 1));
  return t;
}

}  // namespace gpubench::predictor
