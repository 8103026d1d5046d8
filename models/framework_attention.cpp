#include "models/framework_kernels.hpp"

namespace gpubench::models {
namespace {

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

}  // namespace

void framework_kernels::rotary(double count) {
  const auto& model = request_.shape;
  const double tokens = to_double(request_.batch * request_.sequence);
  const double queries = tokens * to_double(heads_ * model.head_dim),
               keys = tokens * to_double(kv_heads_ * model.head_dim);
  if (compiled()) {
    elementwise("rotary embedding", queries, narrow_bytes_, narrow_bytes_, count, 3);
    elementwise("rotary embedding", keys, narrow_bytes_, narrow_bytes_, count, 3);
    if (!trains_) return;
    elementwise("rotary embedding backward", queries, narrow_bytes_, narrow_bytes_, count, 3);
    elementwise("rotary embedding backward", keys, narrow_bytes_, narrow_bytes_, count, 3);
    return;
  }
  rotary_chain("queries", queries, count);
  rotary_chain("keys", keys, count);
}

// transformers' apply_rotary_pos_emb: x cos + rotated(x) sin, where rotated() negates one half and joins both anew.
void framework_kernels::rotary_chain(const char* name, double elements, double count) {
  const double n = narrow_bytes_;
  const std::string prefix = std::string("rotary embedding of ") + name + ": ";
  elementwise(prefix + "product", elements, n, n, 2 * count);
  elementwise(prefix + "negate half", elements / 2, n, n, count);
  elementwise(prefix + "join halves", elements, n, n, count, 0);
  elementwise(prefix + "sum", elements, 2 * n, n, count);
  if (!trains_) return;
  elementwise(prefix + "product backward", elements, n, n, 2 * count);
  elementwise(prefix + "negate half", elements / 2, n, n, count);
  // Each half's gradient is written into a cleared tensor of full width, and all three ways are added.
  elementwise(prefix + "clear", elements, 0, n, 2 * count, 0);
  elementwise(prefix + "copy half", elements / 2, n, n, 2 * count, 0);
  elementwise(prefix + "sum of gradients", elements, 2 * n, n, 2 * count);
}

void framework_kernels::fused_scores(attention shape, double count, bool local) {
  const auto& rule = request_.shape.local;
  const auto add = [&](const attention& part) {
    net_.add("attention", part, matrix_, count);
    if (!trains_) return;
    attention gradient = part;
    gradient.backward = true;
    net_.add("attention backward", gradient, matrix_, count);
  };
  if (!local || rule.window >= shape.kv_len) return add(shape);
  if (!rule.chunked) {
    shape.window = rule.window;
    return add(shape);
  }
  // Each chunk is a sequence of its own, and what is left over another.
  const std::int64_t chunks = shape.q_len / rule.window, rest = shape.q_len % rule.window;
  attention whole = shape;
  whole.batch = shape.batch * chunks;
  whole.q_len = whole.kv_len = rule.window;
  add(whole);
  if (rest == 0) return;
  shape.q_len = shape.kv_len = rest;
  add(shape);
}

void framework_kernels::attention_block(double count, bool local) {
  const auto& model = request_.shape;
  const std::int64_t s = request_.sequence, b = request_.batch, d = model.head_dim;
  const double tokens = to_double(b * s), n = narrow_bytes_;
  const double queries = tokens * to_double(heads_ * d), keys = tokens * to_double(kv_heads_ * d);
  const bool one_matrix = model.family == transformer_family::gpt2;

  if (request_.attention == attention_kind::flash) {
    fused_scores({b, s, s, heads_, kv_heads_, d, model.causal}, count, local);
    if (!trains_) return;
    // Gradients of the three parts are joined for the one matrix that made them.
    if (one_matrix) copy("join gradients", 3 * queries, n, count);
    return;
  }

  if (model.family == transformer_family::opt && eager()) {
    elementwise("scale queries", queries, n, n, count);
    if (trains_) elementwise("scale queries backward", queries, n, n, count);
  }
  // The products take each head's rows one after the other: queries, keys and values are copied into that order.
  // Shared keys and values are repeated for each head on the way.
  copy("copy for attention", queries, n, kv_heads_ == heads_ ? 3 * count : count);
  if (kv_heads_ != heads_) elementwise("repeat keys and values", queries, n * keys / queries, n, 2 * count, 0);
  unfused_scores(count, d, d);
  copy("merge heads", queries, n, count);
  if (!trains_) return;
  copy("merge heads backward", queries, n, count);
  // Gradients go back into the order of tokens; of shared keys and values they are added up before. Those that one
  // matrix made are joined, which takes one of them as it lies.
  copy("copy for attention backward", queries, n, kv_heads_ != heads_ ? count : one_matrix ? 2 * count : 3 * count);
  if (kv_heads_ != heads_) {
    elementwise("repeat keys and values backward", queries, n, n * keys / queries, 2 * count);
    copy("copy for attention backward", keys, n, 2 * count);
  }
  if (one_matrix) copy("join gradients", 3 * queries, n, count);
}

void framework_kernels::unfused_scores(double count, std::int64_t key_width, std::int64_t value_width) {
  const auto& model = request_.shape;
  const std::int64_t s = request_.sequence, batch = request_.batch * heads_;
  const double rows = to_double(batch * s), scores = rows * to_double(s), n = narrow_bytes_;
  const bool encoder = model.family == transformer_family::bert;
  product("attention scores", {s, s, key_width, batch}, count);
  // Of BERT under autocast the mask is fp32, and the scores with it from there on.
  const double masked = encoder && autocast_ ? 4 : n;
  if (eager()) {
    if (model.family != transformer_family::opt) elementwise("attention scale", scores, n, n, count);
    elementwise("attention mask", scores, n, masked, count);
    if (model.family == transformer_family::opt) elementwise("attention clamp", scores, n, n, count);
    // The scale and what masked scores become are made anew as tensors of one value.
    if (model.family == transformer_family::gpt2) elementwise("attention constants", 1, 0, 4, 2 * count, 0);
  }
  // A logit of its own for each head is joined to the scores, and its share taken away again.
  if (model.sinks) elementwise("attention sinks", scores, n, n, (trains_ ? 4 : 2) * count, 0);
  softmax_of(rows, s, count);
  if (encoder || model.family == transformer_family::gpt2) dropout(scores, n, count);
  product("attention context", {s, value_width, s, batch}, count);
  if (!trains_) return;
  product("attention context backward", {s, s, value_width, batch}, count);
  product("attention context backward", {s, value_width, s, batch}, count);
  product("attention scores backward", {s, key_width, s, batch}, 2 * count);
  if (!eager()) return;
  if (model.family != transformer_family::opt) elementwise("attention scale backward", scores, n, n, count);
  if (model.family == transformer_family::gpt2) elementwise("attention mask backward", scores, n, n, count);
  if (model.family == transformer_family::opt) {
    // Half of the gradient where both sides are equal, none where the limit was the larger: two comparisons, a
    // division, a choice and a fill.
    elementwise("attention clamp backward", scores, n, 1, 2 * count);
    elementwise("attention clamp backward", scores, n, n, count);
    elementwise("attention clamp backward", scores, n + 1, n, 2 * count);
  }
  if (encoder && autocast_) elementwise("attention mask backward", scores, 4, n, count, 0);
}

// Llama and OPT ask for fp32 inside the softmax, autocast does for all: the kernel widens what it reads, and the result
// is cast for the next product.
void framework_kernels::softmax_of(double rows, std::int64_t cols, double count) {
  const auto family = request_.shape.family;
  const bool asks = family == transformer_family::llama || family == transformer_family::opt;
  const bool widens = eager() && narrow_bytes_ < 4 && (autocast_ || asks);
  const double values = rows * to_double(cols), n = narrow_bytes_;
  const precision p = widens ? precision::fp32 : matrix_;
  row_operation softmax{row_operation::kind::softmax, static_cast<std::int64_t>(rows), cols, false};
  net_.add("attention softmax", softmax, p, count);
  if (widens) elementwise("attention cast", values, 4, n, count, 0);
  if (!trains_) return;
  softmax.backward = true;
  if (widens) elementwise("attention cast backward", values, n, 4, count, 0);
  net_.add("attention softmax backward", softmax, p, count);
}

}  // namespace gpubench::models
