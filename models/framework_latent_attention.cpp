#include "models/framework_kernels.hpp"

namespace gpubench::models {
namespace {

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

}  // namespace

void framework_kernels::latent_attention(double count) {
  const auto& model = request_.shape;
  const auto& latent = model.latent;
  const std::int64_t s = request_.sequence, b = request_.batch, tokens = b * s, hidden = model.hidden;
  const std::int64_t query_width = heads_ * latent.query_dim(), value_width = heads_ * latent.value_dim;
  const std::int64_t expanded = heads_ * (latent.nope_dim + latent.value_dim);
  const double n = narrow_bytes_, queries = to_double(tokens * query_width);
  const double rotated = to_double(tokens * heads_ * latent.rope_dim), shared = to_double(tokens * latent.rope_dim);

  if (latent.q_rank > 0) {
    linear("query latent projection", tokens, hidden, latent.q_rank, false, count);
    norm(tokens, latent.q_rank, count, false);
    linear("query projection", tokens, latent.q_rank, query_width, false, count);
  } else {
    linear("query projection", tokens, hidden, query_width, false, count);
  }
  // The part of the key that is rotated comes from the same matrix and is one for all heads.
  linear("latent projection", tokens, hidden, latent.kv_rank + latent.rope_dim, false, count);
  norm(tokens, latent.kv_rank, count, false);
  linear("key and value projection", tokens, latent.kv_rank, expanded, false, count);
  if (trains_ && eager())
    elementwise("sum of gradients", to_double(tokens * hidden), 2 * wide_bytes_, wide_bytes_, count);

  if (compiled()) {
    elementwise("rotary embedding", rotated + shared, n, n, count, 3);
    if (trains_) elementwise("rotary embedding backward", rotated + shared, n, n, count, 3);
  } else {
    rotary_chain("queries", rotated, count);
    rotary_chain("keys", shared, count);
  }
  // Queries and keys are joined anew from their two parts, the keys' rotated one repeated for each head.
  copy("join parts", queries, n, 2 * count);
  if (trains_) copy("split gradients", queries, n, 2 * count);

  if (request_.attention == attention_kind::flash) {
    attention shape{b, s, s, heads_, heads_, latent.query_dim(), model.causal};
    shape.value_head_dim = latent.value_dim;
    fused_scores(shape, count, false);
    return;
  }
  const double values = to_double(tokens * value_width);
  copy("copy for attention", values, n, count);
  unfused_scores(count, latent.query_dim(), latent.value_dim);
  copy("merge heads", values, n, count);
  if (!trains_) return;
  copy("merge heads backward", values, n, count);
  copy("copy for attention backward", values, n, count);
}

}  // namespace gpubench::models
