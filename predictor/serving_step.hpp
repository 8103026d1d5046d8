#pragma once

#include "models/transformer.hpp"
#include "profiles/gpu.hpp"

#include "predictor/estimate.hpp"
#include "predictor/fabric.hpp"
#include "predictor/serving_engine.hpp"

namespace gpubench::predictor {

/// What a server's steps read of a model.
struct served_model {
  double layers = 0, hidden = 0, heads = 0;
  double kv_heads = 0;  ///< 1 for latent attention: every rank of a tensor group holds the whole cache
  double head_dim = 0;
  double experts = 0, experts_per_token = 0;  ///< routed ones; 0: none
  double dense_parameters = 0;                ///< read by every step: all but the routed experts
  double expert_parameters = 0;
  double kv_bytes_per_token = 0;  ///< as stored, of all layers that keep the whole context, windows at their share
  double window_layers = 0;       ///< of the layers: those whose queries see `window` keys at most
  double window = 0;
  bool chunked = false;      ///< they see those of their own chunk of that length instead
  double linear_layers = 0;  ///< of the layers: those with a state in place of keys
};

/// Pairs of a query and a key that a prompt's attention computes, in all layers together. All are causal: s^2 / 2 where
/// all is seen, s w - w^2 / 2 within windows of w < s, s w / 2 within chunks; a layer with linear attention has none.
double attention_pairs(const served_model& model, double prompt);

/// What they read of a GPU and of how its neighbours are reached.
struct serving_gpu {
  double bandwidth_bytes_per_second = 0;
  double memory_bytes = 0;
  double dense_peak_flop_per_second = 0;      ///< of the arithmetic that the weights' products use
  double attention_peak_flop_per_second = 0;  ///< of 16-bit attention
  double link_bytes_per_second = 0;           ///< of one GPU to the others, one direction
  double all_reduce_seconds = 5e-6;           ///< of a small one: NVLink 5 us, PCIe 20 us, across hosts 20 to 30 us
};

struct serving_layout {
  double tensor = 1, pipeline = 1, attention_data = 1;
  double devices() const { return tensor * pipeline * attention_data; }
};

/// A server at a number of requests in flight.
struct serving_case {
  served_model model;
  serving_gpu gpu;
  serving_layout layout;
  double dense_bytes_per_parameter = 2, expert_bytes_per_parameter = 2;
  bool quantises_activations = false;  ///< fp8 and fp4 arithmetic: products have kernels that quantise before them
  double prompt_tokens = 0, output_tokens = 0, concurrency = 1;
  serving_engine engine;
  bool disaggregated = false;  ///< prompts run on other GPUs of the same layout
};

/// Times of a replica's steps, in seconds, and how many requests fit. From serving_steps_of(), or from measured or
/// lowered operators.
struct serving_steps {
  double running = 1;            ///< requests that run at a time: those in flight, or as many as memory and engine let
  double decode = 0;             ///< a step of `running` sequences that carries no prompt
  double prompt_arithmetic = 0;  ///< of one prompt, in the decode steps that it shares, before prefill_factor
  double prompt_traffic = 0;     ///< its further weights and exchanges there
  double alone_prompt = 0;       ///< a step of one prompt alone
  double prompt_dispatch = 0;    ///< launching that step's kernels one by one: prompts are not captured in graphs
};

struct serving_times {
  estimate tpot;                        ///< mean time per output token after the first
  estimate ttft;                        ///< mean time to the first token
  double output_tokens_per_second = 0;  ///< of the replica
};

/// Without its links.
/// @param weights  type of the weights' products; a type that the GPU lacks is widened to 16 bits, as mxfp4 on Hopper
serving_gpu serving_gpu_of(const profiles::gpu_spec& gpu, models::precision weights);

/// How a group of `ranks` GPUs of one node reach each other: NVLink's rate and 5 us, PCIe's and 20 us, also where
/// bridges join two cards each and there are more of them.
void set_links(serving_gpu& gpu, const fabric& links, int ranks);

/// What steps read of a transformer whose requests are, on average, half way through their output.
/// @param kept  type of keys and values
served_model served_model_of(const models::transformer& shape, double prompt_tokens, double output_tokens,
                             models::precision kept);

/// Analytic steps. See serving_step.cpp and docs/prediction/serving.md for the formulas.
serving_steps serving_steps_of(const serving_case& what);

/// Mean field of continuous batching, b = running, c = concurrency:
///   TPOT = decode + (b - 1) / output tokens * (prompt_arithmetic * prefill_factor + prompt_traffic)
///          (disaggregated: decode alone)
///   TTFT = first token + dispatch + prompt * queue_factor * b^queue_power + wait
///   wait = 0.65 (c - b) / b * (output tokens * TPOT + prompt): requests that find no place wait for one that ends
/// Intervals are the 5 % and 95 % quantiles of models that were left out of the fit, wider for engine versions that
/// were not measured.
serving_times estimate_serving(const serving_case& what, const serving_steps& steps);

/// Expected share of a layer's experts that some token of `tokens` uses: 1 - (1 - k / E)^tokens.
double touched_experts(const served_model& model, double tokens);

}  // namespace gpubench::predictor
