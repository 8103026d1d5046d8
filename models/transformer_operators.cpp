#include "core/error.hpp"
#include "models/network_builder.hpp"
#include "models/transformer.hpp"
#include "models/transformer_layer.hpp"
#include "models/transformer_shape.hpp"

#include <string>

namespace gpubench::models {
namespace {

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

// One pass over one device's share. FLOP of streaming operators are rounded counts of additions, multiplications,
// divisions and exponentials an element: all of them are bound by their bytes.
class pass_builder {
 public:
  pass_builder(const transformer& model, precision p, std::int64_t tensor_parallel)
      : model_(model),
        p_(p),
        narrow_(activation_precision(p)),
        devices_(tensor_parallel),
        share_(share_of(model, tensor_parallel)) {}

  // The layers' forward pass for `tokens` tokens whose attention has the shape `scores`.
  void layers_forward(std::int64_t tokens, const attention& scores) {
    linear("qkv projection", tokens, model_.hidden, qkv_width());
    if (model_.positions == 0) stream("rotary embedding", 2, rotated(tokens), 3, layers());
    net_.add("attention", scores, narrow_, layers());
    linear("output projection", tokens, query_width(), model_.hidden);
    linear("feed-forward up", tokens, model_.hidden, share_.ffn * (model_.gated_ffn ? 2 : 1));
    // Gating reads two branches and writes their product.
    stream("activation", model_.gated_ffn ? 3 : 2, inner(tokens), model_.gated_ffn ? gated_activation_flop : 5,
           layers());
    linear("feed-forward down", tokens, share_.ffn, model_.hidden);
    stream("normalization", 2, outer(tokens), 5, 2 * layers());
    stream("residual", 3, outer(tokens), 1, 2 * layers());
  }

  void layers_backward(std::int64_t tokens, attention scores, bool weight_gradients) {
    scores.backward = true;
    linear_backward("qkv projection", tokens, model_.hidden, qkv_width(), weight_gradients, layers());
    if (model_.positions == 0) stream("rotary embedding backward", 2, rotated(tokens), 3, layers());
    net_.add("attention backward", scores, narrow_, layers());
    linear_backward("output projection", tokens, query_width(), model_.hidden, weight_gradients, layers());
    linear_backward("feed-forward up", tokens, model_.hidden, share_.ffn * (model_.gated_ffn ? 2 : 1), weight_gradients,
                    layers());
    // Reads the activation's inputs and the gradient, writes a gradient for each input.
    stream("activation backward", model_.gated_ffn ? 5 : 3, inner(tokens), model_.gated_ffn ? 12 : 8, layers());
    linear_backward("feed-forward down", tokens, share_.ffn, model_.hidden, weight_gradients, layers());
    stream("normalization backward", 3, outer(tokens), 10, 2 * layers());
    stream("residual backward", 3, outer(tokens), 1, 2 * layers());
  }

  void embedding_forward(std::int64_t tokens) {
    // Reads a row and writes it; learned positions are one more row to read and add.
    stream("embedding", model_.positions > 0 ? 3 : 2, outer(tokens), model_.positions > 0 ? 1 : 0, 1);
    stream("normalization", 2, outer(tokens), 5, 1);
  }

  void embedding_backward(std::int64_t tokens, bool trained) {
    stream("normalization backward", 3, outer(tokens), 10, 1);
    // Reads the gradient, adds it to a row of the table's gradient.
    if (trained) stream("embedding backward", 3, outer(tokens), 1, 1);
  }

  void head_forward(std::int64_t rows) {
    if (model_.pretraining_head) {
      net_.add("head transform", product(rows, model_.hidden, model_.hidden), p_);
      stream("activation", 2, outer(rows), 5, 1);
      stream("normalization", 2, outer(rows), 5, 1);
    }
    net_.add("output head", product(rows, share_.vocabulary, model_.hidden), p_);
    stream("softmax", 2, to_double(rows) * to_double(share_.vocabulary), 4, 1);
  }

  void head_backward(std::int64_t rows, bool weight_gradients) {
    stream("softmax backward", 2, to_double(rows) * to_double(share_.vocabulary), 2, 1);
    linear_backward("output head", rows, model_.hidden, share_.vocabulary, weight_gradients, 1);
    if (model_.pretraining_head) {
      stream("normalization backward", 3, outer(rows), 10, 1);
      stream("activation backward", 3, outer(rows), 8, 1);
      linear_backward("head transform", rows, model_.hidden, model_.hidden, weight_gradients, 1);
    }
  }

  // y = x W + scale * (x A) B: two thin products and their sum into the frozen layer's output.
  void adapters_forward(std::int64_t tokens, std::int64_t rank) {
    for (const auto& matrix : layer_matrices(model_, devices_)) {
      linear("adapter", tokens, matrix.inputs, rank);
      linear("adapter", tokens, rank, matrix.outputs);
      stream("adapter sum", 3, to_double(tokens) * to_double(matrix.outputs), 2, layers());
    }
  }

  void adapters_backward(std::int64_t tokens, std::int64_t rank) {
    for (const auto& matrix : layer_matrices(model_, devices_)) {
      linear_backward("adapter", tokens, rank, matrix.outputs, true, layers());
      linear_backward("adapter", tokens, matrix.inputs, rank, true, layers());
    }
  }

  attention attention_shape(std::int64_t batch, std::int64_t queries, std::int64_t keys) const {
    return {batch, queries, keys, share_.heads, share_.kv_heads, model_.head_dim, model_.causal, false};
  }

  std::vector<network_operator> take() { return net_.take(); }

 private:
  double layers() const { return to_double(model_.layers); }
  std::int64_t query_width() const { return share_.heads * model_.head_dim; }
  std::int64_t qkv_width() const { return (share_.heads + 2 * share_.kv_heads) * model_.head_dim; }
  double outer(std::int64_t tokens) const { return to_double(tokens) * to_double(model_.hidden); }
  double inner(std::int64_t tokens) const { return to_double(tokens) * to_double(share_.ffn); }
  double rotated(std::int64_t tokens) const {
    return to_double(tokens) * to_double((share_.heads + share_.kv_heads) * model_.head_dim);
  }

  // Activations, and gradients with them, stay 16 bits wide where the matrices are narrower.
  gemm product(std::int64_t m, std::int64_t n, std::int64_t k) const { return {m, n, k, 1, narrow_}; }

  // `accesses` reads and writes of each element.
  void stream(const std::string& name, double accesses, double elements, double flop_per_element, double count) {
    net_.add(name, streaming{accesses * elements * bytes_per_element(narrow_), flop_per_element * elements}, narrow_,
             count);
  }

  void linear(const std::string& name, std::int64_t tokens, std::int64_t inputs, std::int64_t outputs) {
    net_.add(name, product(tokens, outputs, inputs), p_, layers());
  }

  void linear_backward(const std::string& name, std::int64_t tokens, std::int64_t inputs, std::int64_t outputs,
                       bool weight_gradient, double count) {
    net_.add(name + " backward data", product(tokens, inputs, outputs), p_, count);
    if (weight_gradient) net_.add(name + " backward weights", product(inputs, outputs, tokens), p_, count);
  }

  transformer model_;
  precision p_;
  precision narrow_;
  std::int64_t devices_;
  tensor_parallel_share share_;
  network_builder net_;
};

}  // namespace

precision activation_precision(precision p) {
  return bytes_per_element(p) < 2 ? precision::bf16 : p;
}

std::vector<network_operator> transformer_forward(const transformer& model, std::int64_t batch, std::int64_t length,
                                                  precision p, std::int64_t tensor_parallel, bool all_positions) {
  require_valid(model, batch, length, tensor_parallel);
  require_dense(model, "this forward pass");
  pass_builder pass(model, p, tensor_parallel);
  const std::int64_t tokens = batch * length;
  pass.embedding_forward(tokens);
  pass.layers_forward(tokens, pass.attention_shape(batch, length, length));
  pass.head_forward(all_positions ? tokens : batch);
  return pass.take();
}

std::vector<network_operator> transformer_decode_step(const transformer& model, std::int64_t batch, std::int64_t kv_len,
                                                      precision p, std::int64_t tensor_parallel) {
  require_valid(model, batch, kv_len, tensor_parallel);
  require_dense(model, "this decode step");
  if (!model.causal)
    throw error(error_kind::usage, "an encoder does not decode token by token", "choose a causal model for serving");
  pass_builder pass(model, p, tensor_parallel);
  pass.embedding_forward(batch);
  pass.layers_forward(batch, pass.attention_shape(batch, 1, kv_len));
  pass.head_forward(batch);
  return pass.take();
}

std::vector<network_operator> transformer_forward_backward(const transformer& model, std::int64_t batch,
                                                           std::int64_t length, precision p,
                                                           const training_method& method,
                                                           std::int64_t tensor_parallel) {
  require_valid(model, batch, length, tensor_parallel);
  require_dense(model, "training");
  require_valid(method);
  pass_builder pass(model, p, tensor_parallel);
  const std::int64_t tokens = batch * length;
  const auto scores = pass.attention_shape(batch, length, length);

  pass.embedding_forward(tokens);
  // Full recomputation keeps each layer's input only and runs the layers a second time; the output head runs once.
  for (int repeat = 0; repeat < (method.recompute_activations ? 2 : 1); ++repeat) {
    pass.layers_forward(tokens, scores);
    if (method.lora) pass.adapters_forward(tokens, method.lora_rank);
  }
  pass.head_forward(tokens);

  pass.head_backward(tokens, !method.lora);
  pass.layers_backward(tokens, scores, !method.lora);
  if (method.lora) pass.adapters_backward(tokens, method.lora_rank);
  pass.embedding_backward(tokens, !method.lora);
  return pass.take();
}

network_operator adam_step(double parameters) {
  // 16-bit gradient and weight, fp32 moments and master copy.
  constexpr double read = 2 + 4 + 4 + 4;
  constexpr double written = 2 + 4 + 4 + 4;
  // First moment 3, second 4, bias corrections 2, square root with epsilon and quotient 3, decay 2, step 2.
  constexpr double flop = 16;
  return {"optimizer", streaming{parameters * (read + written), parameters * flop}, precision::fp32, 1};
}

}  // namespace gpubench::models
