#include "models/serving_kernels.hpp"

#include "models/mixture_of_experts.hpp"
#include "models/transformer_layer.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::models {
namespace {

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

std::int64_t divide_up(std::int64_t size, std::int64_t parts) {
  return (size + parts - 1) / parts;
}

}  // namespace

serving_kernels::serving_kernels(const serving_step& step)
    : step_(step),
      sequences_(divide_up(step.sequences, step.layout.attention_data)),
      tokens_(sequences_ * step.tokens),
      replica_tokens_(step.sequences * step.tokens),
      share_(share_of(step.model, step.layout.tensor)) {}

std::int64_t serving_kernels::split(std::int64_t size) const {
  return divide_up(size, step_.layout.tensor);
}

void serving_kernels::product(const std::string& name, gemm shape, const weight_storage& stored, double count) {
  precision p = step_.activations;
  shape.output = p;
  if (stored.type && bytes_per_element(*stored.type) < bytes_per_element(p)) {
    const bool four_bits = bytes_per_element(*stored.type) < 1;
    if (four_bits ? step_.four_bit_arithmetic : step_.narrow_arithmetic) {
      p = *stored.type;
    } else {
      shape.weights = stored.type;
    }
  }
  net_.add(name, shape, p, count);
}

void serving_kernels::linear(const std::string& name, std::int64_t inputs, std::int64_t outputs, double count) {
  product(name, {tokens_, outputs, inputs}, model_.matrices, count);
}

void serving_kernels::stream(const std::string& name, double elements, double accesses, double flop, double count) {
  net_.add(name, streaming{elements * accesses * bytes_per_element(step_.activations), elements * flop},
           step_.activations, count);
}

void serving_kernels::embedding() {
  stream("embedding", to_double(tokens_ * model_.hidden), model_.positions > 0 ? 3 : 2, 1, 1);
}

void serving_kernels::norms(double count) {
  // Branch and hidden states in, their sum and its normalised values out.
  stream("residual and normalization", to_double(tokens_ * model_.hidden), 4, 6, count);
}

void serving_kernels::scores(const std::string& name, const attention& shape, double count) {
  net_.add(name, shape, step_.activations, count);
}

// Queries see their own chunk only: full chunks, and what is left of the last.
void serving_kernels::chunked_scores(attention shape, double count) {
  const std::int64_t chunk = model_.local.window;
  if (shape.q_len == 1) {
    shape.kv_len = (shape.kv_len - 1) % chunk + 1;
  } else if (shape.q_len == shape.kv_len && shape.q_len > chunk) {
    const std::int64_t full = shape.q_len / chunk, rest = shape.q_len % chunk, batch = shape.batch;
    shape.batch = batch * full;
    shape.q_len = shape.kv_len = chunk;
    scores("chunked attention", shape, count);
    if (rest == 0) return;
    shape.batch = batch;
    shape.q_len = shape.kv_len = rest;
  }
  scores("chunked attention", shape, count);
}

void serving_kernels::attention_block(bool local, double count) {
  const std::int64_t d = model_.head_dim, queries = share_.heads * d, keys = share_.kv_heads * d;
  linear("qkv projection", model_.hidden, queries * (model_.output_gate ? 2 : 1) + 2 * keys, count);
  if (model_.query_key_norm || model_.wide_query_key_norm)
    stream("query and key normalization", to_double(tokens_ * (queries + keys)), 2, 5, count);
  if (model_.positions == 0) stream("rotary embedding", to_double(tokens_ * (queries + keys)), 2, 3, count);
  if (model_.causal) stream("cache write", to_double(tokens_ * 2 * keys), 2, 0, count);
  attention shape{sequences_, step_.tokens, step_.kv_len, share_.heads, share_.kv_heads, d, model_.causal, false};
  if (local && model_.local.chunked) {
    chunked_scores(shape, count);
  } else if (local) {
    shape.window = model_.local.window;
    scores("window attention", shape, count);
  } else {
    scores("attention", shape, count);
  }
  if (model_.output_gate) stream("output gate", to_double(tokens_ * queries), 3, 5, count);
  linear("output projection", queries, model_.hidden, count);
}

void serving_kernels::latent_attention(double count) {
  const auto& latent = model_.latent;
  const std::int64_t heads = share_.heads, query = heads * latent.query_dim();
  const std::int64_t latents = latent.kv_rank + latent.rope_dim;
  // The projections into latents are not split: every device needs all of what they give.
  if (latent.q_rank > 0) {
    linear("latent projection", model_.hidden, latent.q_rank + latents, count);
    linear("query projection", latent.q_rank, query, count);
  } else {
    linear("latent projection", model_.hidden, latents, count);
    linear("query projection", model_.hidden, query, count);
  }
  stream("latent normalization", to_double(tokens_ * (latent.q_rank + latent.kv_rank)), 2, 5, count);
  stream("rotary embedding", to_double(tokens_ * (heads + 1) * latent.rope_dim), 2, 3, count);
  stream("cache write", to_double(tokens_ * latents), 2, 0, count);
  if (latent.index_keys > 0) indexer(count);
  const std::int64_t kv_len =
      latent.index_keys > 0 ? std::min(step_.kv_len, std::max(latent.index_keys, step_.tokens)) : step_.kv_len;

  if (prefills() && latent.index_keys == 0) {
    product("key and value projection",
            {sequences_ * step_.kv_len, heads * (latent.nope_dim + latent.value_dim), latent.kv_rank}, model_.matrices,
            count);
    scores("attention",
           {sequences_, step_.tokens, kv_len, heads, heads, latent.query_dim(), true, false, 0, latent.value_dim},
           count);
  } else {
    // Each head takes its queries into the latent space and its result out of it.
    product("absorbed key projection", {tokens_, latent.kv_rank, latent.nope_dim, heads}, {}, count);
    attention shape{sequences_, step_.tokens, kv_len, heads, 1, latents, true, false, 0, latent.kv_rank, true};
    // A query keeps its best keys: as many as a window would show it.
    if (latent.index_keys > 0 && kv_len > latent.index_keys) shape.window = latent.index_keys;
    scores("latent attention", shape, count);
    product("absorbed value projection", {tokens_, latent.value_dim, latent.kv_rank, heads}, {}, count);
  }
  linear("output projection", heads * latent.value_dim, model_.hidden, count);
}

// Rates every key by a few narrow heads in 8 bits, and keeps the best. Every device rates all keys.
void serving_kernels::indexer(double count) {
  const auto& latent = model_.latent;
  linear("index query projection", latent.q_rank, latent.index_heads * latent.index_dim, count);
  linear("index key projection", model_.hidden, latent.index_dim + latent.index_heads, count);
  gemm rating{step_.tokens * latent.index_heads, step_.kv_len, latent.index_dim, sequences_};
  rating.output = precision::fp8;  // summed over heads before it leaves the processor
  net_.add("index scores", rating, step_.narrow_arithmetic ? precision::fp8 : step_.activations, count);
  net_.add("index selection", streaming{to_double(tokens_ * step_.kv_len) * 4, 0}, precision::fp32, count);
}

void serving_kernels::linear_attention(double count) {
  const auto& linear_part = model_.linear;
  const std::int64_t mixed = split(linear_part.mixed_width()), values = split(linear_part.value_width());
  const std::int64_t heads = split(linear_part.value_heads);
  linear("linear attention projection", model_.hidden, mixed + values, count);
  linear("decay projection", model_.hidden, 2 * heads, count);
  stream("short convolution", to_double(tokens_ * mixed), 2, 2 * to_double(linear_part.kernel), count);

  // State of each head: key_dim x value_dim, fp32. Decode reads and writes it once a sequence. Prefill works in chunks
  // of 64 tokens: products within a chunk, and one state a chunk through memory.
  const double state = to_double(heads * linear_part.key_dim * linear_part.value_dim);
  const double dims = to_double(linear_part.key_dim + linear_part.value_dim);
  const double io = to_double(tokens_ * (mixed + values)) * bytes_per_element(step_.activations);
  constexpr double chunk = 64;
  const double states =
      prefills() ? to_double(sequences_) * std::ceil(to_double(step_.tokens) / chunk) : to_double(sequences_);
  const double flop = prefills() ? to_double(tokens_) * (6 * state + to_double(heads) * 4 * chunk * dims)
                                 : to_double(tokens_) * 8 * state;
  net_.add("delta rule", streaming{states * state * 4 * 2 + io, flop}, step_.activations, count);
  stream("gated normalization", to_double(tokens_ * values), 3, 10, count);
  linear("output projection", values, model_.hidden, count);
}

void serving_kernels::feed_forward(std::int64_t width, const weight_storage& stored, const std::string& prefix,
                                   double count) {
  const std::int64_t inner = split(width);
  const std::int64_t branches = model_.gated_ffn ? 2 : 1;
  product(prefix + (branches == 2 ? "gate and up projection" : "feed-forward up"),
          {tokens_, branches * inner, model_.hidden}, stored, count);
  stream(prefix + "activation", to_double(tokens_ * inner), to_double(branches + 1), gated_activation_flop, count);
  product(prefix + (branches == 2 ? "down projection" : "feed-forward down"), {tokens_, model_.hidden, inner}, stored,
          count);
}

void serving_kernels::mixture(double count) {
  const auto& experts = model_.experts;
  const double share = 1.0 / to_double(step_.layout.expert_parallel);
  const std::int64_t inner = divide_up(experts.ffn, step_.layout.expert_tensor());
  const std::int64_t branches = model_.gated_ffn ? 2 : 1;
  const double rows = share * to_double(replica_tokens_ * experts.experts_per_token);
  const double hidden = to_double(model_.hidden);

  product("router", {tokens_, experts.experts, model_.hidden}, {}, count);
  net_.add("expert selection",
           streaming{to_double(tokens_ * experts.experts) * 4, to_double(tokens_ * experts.experts)}, precision::fp32,
           count);
  stream("token dispatch", rows * hidden, 2, 0, count);
  product(
      "expert gate and up projection",
      grouped_gemm(experts.experts, experts.experts_per_token, replica_tokens_, branches * inner, model_.hidden, share),
      model_.expert_weights, count);
  stream("expert activation", rows * to_double(inner), to_double(branches + 1), gated_activation_flop, count);
  product("expert down projection",
          grouped_gemm(experts.experts, experts.experts_per_token, replica_tokens_, model_.hidden, inner, share),
          model_.expert_weights, count);
  // Each token's results are weighed and added up.
  stream("token combination", rows * hidden + to_double(replica_tokens_) * hidden, 1, 2, count);
  if (experts.shared_ffn > 0) feed_forward(experts.shared_ffn, model_.expert_weights, "shared expert ", count);
}

void serving_kernels::output_head() {
  const std::int64_t rows = step_.all_positions ? tokens_ : sequences_;
  product("output head", {rows, share_.vocabulary, model_.hidden}, {}, 1);
  // Logits are widened, normalised and drawn from.
  net_.add("sampling", streaming{to_double(rows * share_.vocabulary) * 3 * 4, to_double(rows * share_.vocabulary) * 5},
           precision::fp32, 1);
}

}  // namespace gpubench::models
