#include "models/transformer.hpp"
#include "models/transformer_shape.hpp"

#include <algorithm>

namespace gpubench::models {
namespace {

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

// Weights of one block: what is multiplied, and biases, scales and shifts beside it.
struct block_size {
  double matrices = 0;
  double vectors = 0;
};

double norm_elements(const transformer& model, double width) {
  return width * (model.biases ? 2 : 1);
}

block_size latent_block(const transformer& model) {
  const auto& latent = model.latent;
  const double hidden = to_double(model.hidden), heads = to_double(model.heads);
  const double q_rank = to_double(latent.q_rank), kv_rank = to_double(latent.kv_rank);
  const double queries = heads * to_double(latent.query_dim());
  block_size size;
  size.matrices = q_rank > 0 ? hidden * q_rank + q_rank * queries : hidden * queries;
  size.matrices += hidden * (kv_rank + to_double(latent.rope_dim));
  size.matrices += kv_rank * heads * to_double(latent.nope_dim + latent.value_dim);
  size.matrices += heads * to_double(latent.value_dim) * hidden;
  size.vectors = q_rank + kv_rank;
  if (latent.index_keys > 0) {
    const double width = to_double(latent.index_dim), index_heads = to_double(latent.index_heads);
    size.matrices += q_rank * index_heads * width + hidden * width + hidden * index_heads;
    size.vectors += 2 * width;
  }
  return size;
}

block_size linear_block(const transformer& model) {
  const auto& linear = model.linear;
  const double hidden = to_double(model.hidden), values = to_double(linear.value_width());
  const double heads = to_double(linear.value_heads), mixed = to_double(linear.mixed_width());
  // In: queries, keys, values, output gate, and a decay and a step size a head. Out: values.
  const double matrices = hidden * (mixed + values + 2 * heads) + values * hidden;
  return {matrices, mixed * to_double(linear.kernel) + 2 * heads + to_double(linear.value_dim)};
}

block_size attention_block(const transformer& model) {
  if (model.latent.kv_rank > 0) return latent_block(model);
  const double hidden = to_double(model.hidden);
  const double query = to_double(model.heads * model.head_dim), key = to_double(model.kv_heads * model.head_dim);
  const double projected = query * (model.output_gate ? 2 : 1) + 2 * key;
  block_size size{hidden * (projected + query), 0};
  if (model.biases || model.projection_biases) size.vectors += projected;
  if (model.biases || model.output_bias) size.vectors += hidden;
  if (model.query_key_norm) size.vectors += 2 * to_double(model.head_dim);
  if (model.wide_query_key_norm) size.vectors += query + key;
  if (model.sinks) size.vectors += to_double(model.heads);
  return size;
}

block_size dense_block(const transformer& model) {
  const double hidden = to_double(model.hidden), ffn = to_double(model.ffn);
  const double branches = model.gated_ffn ? 2 : 1;
  return {hidden * ffn * (branches + 1), model.biases ? ffn * branches + hidden : 0};
}

// @param used  experts counted
block_size mixture_block(const transformer& model, double used) {
  const auto& experts = model.experts;
  const double hidden = to_double(model.hidden);
  const double branches = model.gated_ffn ? 2 : 1;
  block_size size;
  size.matrices = hidden * to_double(experts.experts);  // router
  size.matrices += hidden * (branches + 1) * (used * to_double(experts.ffn) + to_double(experts.shared_ffn));
  if (experts.shared_gate) size.matrices += hidden;
  if (experts.biases) size.vectors += to_double(experts.experts) + used * (to_double(experts.ffn) * branches + hidden);
  return size;
}

// @param used  experts of each mixture that are counted
block_size layers_size(const transformer& model, double used) {
  block_size total;
  for (const auto& group : layer_groups(model)) {
    const auto mixer = group.linear ? linear_block(model) : attention_block(model);
    const auto forward = group.mixture ? mixture_block(model, used) : dense_block(model);
    const double norms = to_double(model.norms_per_layer) * norm_elements(model, to_double(model.hidden));
    total.matrices += to_double(group.count) * (mixer.matrices + forward.matrices);
    total.vectors += to_double(group.count) * (mixer.vectors + forward.vectors + norms);
  }
  return total;
}

double embedding_width(const transformer& model) {
  return to_double(model.embedding_width > 0 ? model.embedding_width : model.hidden);
}

// Everything but the layers and the token embedding.
double ends_size(const transformer& model) {
  const double hidden = to_double(model.hidden), width = embedding_width(model);
  const double vocabulary = to_double(model.vocabulary);
  // One more normalisation: after the embedding (BERT) or before the output head (decoders).
  double total = to_double(model.positions) * hidden + norm_elements(model, hidden);
  if (model.embedding_width > 0) total += 2 * hidden * width;
  if (!model.tied_embeddings) total += vocabulary * width;
  if (model.pretraining_head) {
    const double segments = 2 * hidden;
    const double pooler = hidden * hidden + hidden;
    const double transform = hidden * hidden + hidden + norm_elements(model, hidden) + vocabulary;  // + output's bias
    const double next_sentence = 2 * hidden + 2;
    total += segments + pooler + transform + next_sentence;
  }
  return total;
}

double used_experts(const transformer& model) {
  return to_double(model.experts.experts_per_token);
}

}  // namespace

double parameter_count(const transformer& model) {
  require_valid(model);
  const auto layers = layers_size(model, to_double(model.experts.experts));
  return layers.matrices + layers.vectors + ends_size(model) + to_double(model.vocabulary) * embedding_width(model);
}

double active_parameter_count(const transformer& model) {
  require_valid(model);
  const auto layers = layers_size(model, used_experts(model));
  const double table = model.tied_embeddings ? to_double(model.vocabulary) * embedding_width(model) : 0;
  return layers.matrices + layers.vectors + ends_size(model) + table;
}

double routed_expert_parameter_count(const transformer& model) {
  if (model.experts.experts == 0) return 0;
  double mixtures = 0;
  for (const auto& group : layer_groups(model))
    if (group.mixture) mixtures += to_double(group.count);
  const double branches = model.gated_ffn ? 3 : 2;
  return mixtures * to_double(model.experts.experts) * branches * to_double(model.experts.ffn) *
         to_double(model.hidden);
}

double matrix_parameter_count(const transformer& model) {
  require_valid(model);
  const double hidden = to_double(model.hidden), width = embedding_width(model);
  double total = layers_size(model, used_experts(model)).matrices + to_double(model.vocabulary) * width;
  if (model.embedding_width > 0) total += 2 * hidden * width;
  if (model.pretraining_head) total += hidden * hidden;
  return total;
}

double kv_bytes_per_token(const transformer& model, precision p) {
  const double width =
      to_double(model.latent.kv_rank > 0 ? model.latent.cached_width() : 2 * model.kv_heads * model.head_dim);
  double layers = 0;
  for (const auto& group : layer_groups(model))
    if (!group.linear) layers += to_double(group.count);
  return layers * width * bytes_per_element(p);
}

double kv_bytes(const transformer& model, std::int64_t length, precision p) {
  const double width =
      to_double(model.latent.kv_rank > 0 ? model.latent.cached_width() : 2 * model.kv_heads * model.head_dim);
  double bytes = 0;
  for (const auto& group : layer_groups(model)) {
    if (group.linear) {
      const double state = to_double(model.linear.value_heads * model.linear.key_dim * model.linear.value_dim) * 4;
      const double past = to_double(model.linear.mixed_width() * (model.linear.kernel - 1)) * bytes_per_element(p);
      bytes += to_double(group.count) * (state + past);
    } else {
      const auto kept = group.local ? std::min(length, model.local.window) : length;
      bytes += to_double(group.count) * to_double(kept) * width * bytes_per_element(p);
    }
  }
  return bytes;
}

}  // namespace gpubench::models
