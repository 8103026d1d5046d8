#include "models/framework_kernels.hpp"

#include "models/transformer_shape.hpp"

namespace gpubench::models {
namespace {

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

// Bytes of a kernel that works on a handful of values: what counts is its launch.
constexpr double tiny_bytes = 4096;

}  // namespace

framework_kernels::framework_kernels(const network_request& request)
    : request_(request),
      trains_(request.trains()),
      autocast_(is_autocast(request.numerics)),
      matrix_(matrix_precision(request.numerics)),
      wide_(stored_precision(request.numerics)),
      narrow_bytes_(bytes_per_element(matrix_)),
      wide_bytes_(bytes_per_element(wide_)) {
  const auto share = share_of(request.shape, request.tensor_parallel);
  heads_ = share.heads;
  kv_heads_ = share.kv_heads;
}

void framework_kernels::product(const std::string& name, const gemm& shape, double count) {
  net_.add(name, shape, matrix_, count);
}

void framework_kernels::elementwise(const std::string& name, double elements, double read, double written, double count,
                                    double flop) {
  net_.add(name, streaming{elements * (read + written), elements * flop}, wide_, count);
}

void framework_kernels::weights(double parameters, double tensors) {
  weights_.parameters += parameters;
  weights_.tensors += tensors;
}

void framework_kernels::linear(const std::string& name, std::int64_t tokens, std::int64_t inputs, std::int64_t outputs,
                               bool bias, double count, input from) {
  const double in = to_double(tokens) * to_double(inputs), out = to_double(tokens) * to_double(outputs);
  const double matrix = to_double(inputs) * to_double(outputs);
  weights(count * (matrix + (bias ? to_double(outputs) : 0)), count * (bias ? 2 : 1));
  if (autocast_) {
    elementwise("weight cast", matrix, 4, narrow_bytes_, count, 0);
    if (bias) elementwise("bias cast", to_double(outputs), 4, narrow_bytes_, count, 0);
    if (eager() && from == input::wide) elementwise("input cast", in, wide_bytes_, narrow_bytes_, count, 0);
  }
  product(name, {tokens, outputs, inputs}, count);
  if (!trains_) return;
  product(name + " backward data", {tokens, inputs, outputs}, count);
  product(name + " backward weights", {outputs, inputs, tokens}, count);
  if (bias) elementwise("bias gradient", out, narrow_bytes_, 0, count);
  if (autocast_) {
    elementwise("weight gradient cast", matrix, narrow_bytes_, 4, count, 0);
    if (eager() && from == input::wide) elementwise("input gradient cast", in, narrow_bytes_, wide_bytes_, count, 0);
  }
}

void framework_kernels::residual(std::int64_t tokens, double count) {
  const double elements = to_double(tokens) * to_double(request_.shape.hidden);
  if (eager()) elementwise("residual", elements, narrow_bytes_ + wide_bytes_, wide_bytes_, count);
  if (!trains_) return;
  // Where the hidden states forked, the gradients of both ways are added; compiled, the normalisation's backward does.
  if (eager()) elementwise("residual backward", elements, 2 * wide_bytes_, wide_bytes_, count);
  if (autocast_) elementwise("output gradient cast", elements, wide_bytes_, narrow_bytes_, count, 0);
}

void framework_kernels::norm(std::int64_t tokens, std::int64_t width, double count, bool behind_residual) {
  const bool rms = request_.shape.family == transformer_family::llama;
  const double elements = to_double(tokens) * to_double(width);
  const char* name = rms ? "RMSNorm" : "LayerNorm";
  weights(count * to_double(width) * (rms ? 1 : 2), count * (rms ? 1 : 2));
  if (eager() && rms) return rms_norm_chain(elements, to_double(tokens), count);
  const auto kind = rms ? row_operation::kind::rms_norm : row_operation::kind::layer_norm;
  if (compiled() && behind_residual) {
    // Adds the branch, keeps the sum, writes the normalised values as the next product takes them.
    elementwise("residual and " + std::string(name), elements, narrow_bytes_ + wide_bytes_, wide_bytes_ + narrow_bytes_,
                count, 8);
  } else {
    net_.add(name, row_operation{kind, tokens, width}, wide_, count);
  }
  if (!trains_) return;
  if (compiled() && behind_residual) {
    elementwise("residual and " + std::string(name) + " backward", elements, narrow_bytes_ + 2 * wide_bytes_,
                wide_bytes_, count, 12);
  } else {
    net_.add(std::string(name) + " backward", row_operation{kind, tokens, width, true}, wide_, count);
  }
  elementwise(std::string(name) + " weight gradient", elements, 2 * wide_bytes_, 0, count, 4);
}

// transformers' LlamaRMSNorm: widen, square, mean, epsilon, reciprocal root, scale, narrow, weight.
void framework_kernels::rms_norm_chain(double elements, double rows, double count) {
  const bool widens = wide_bytes_ < 4;
  if (widens) elementwise("RMSNorm: cast", elements, wide_bytes_, 4, count, 0);
  elementwise("RMSNorm: square", elements, 4, 4, count);
  elementwise("RMSNorm: mean", elements, 4, 0, count);
  elementwise("RMSNorm: epsilon and root", rows, 4, 4, 2 * count);
  elementwise("RMSNorm: scale", elements, 4, 4, count);
  if (widens) elementwise("RMSNorm: cast", elements, 4, wide_bytes_, count, 0);
  elementwise("RMSNorm: weight", elements, wide_bytes_, wide_bytes_, count);
  if (!trains_) return;
  const double w = wide_bytes_;
  // Of the weight: one product for each factor, and the sum over rows.
  elementwise("RMSNorm: weight backward", elements, w, w, count);
  elementwise("RMSNorm: weight backward", elements, 2 * w, w, count);
  elementwise("RMSNorm: weight gradient", elements, w, 0, count);
  if (widens) elementwise("RMSNorm: cast", elements, w, 4, count, 0);
  // Of the scaling: the same, summed along the row.
  elementwise("RMSNorm: scale backward", elements, 4, 4, count);
  elementwise("RMSNorm: scale backward", elements, 8, 4, count);
  elementwise("RMSNorm: row sum", elements, 4, 0, count);
  elementwise("RMSNorm: root backward", rows, 4, 4, 3 * count);
  // Of the mean and the square: spread over the row, times twice the input; then both ways are added.
  elementwise("RMSNorm: mean backward", elements, 0, 4, count);
  elementwise("RMSNorm: square backward", elements, 4, 4, 2 * count);
  elementwise("RMSNorm: square backward", elements, 8, 4, count);
  elementwise("RMSNorm: sum of gradients", elements, 8, 4, count);
  if (widens) elementwise("RMSNorm: cast", elements, 4, w, count, 0);
}

void framework_kernels::activation(std::int64_t tokens, std::int64_t width, double count) {
  const double elements = to_double(tokens) * to_double(width);
  const auto function = activation_of(request_.shape);
  if (eager() && function == activation_function::gelu_tanh) return gelu_tanh_chain(elements, count);
  const double n = narrow_bytes_;
  const std::string name(function == activation_function::relu   ? "ReLU"
                         : function == activation_function::silu ? "SiLU"
                                                                 : "GELU");
  elementwise(name, elements, n, n, count, function == activation_function::relu ? 1 : 8);
  if (trains_) elementwise(name + " backward", elements, 2 * n, n, count, 10);
}

// transformers' NewGELUActivation: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), an operator at a time. Under
// autocast the power runs in fp32 and so does what follows.
void framework_kernels::gelu_tanh_chain(double elements, double count) {
  const double n = narrow_bytes_, w = autocast_ ? 4 : narrow_bytes_;
  if (autocast_) elementwise("GELU: cast", elements, n, 4, count, 0);
  elementwise("GELU: cube", elements, w, w, count, 2);
  elementwise("GELU: scale", elements, w, w, 2 * count);
  elementwise("GELU: add", elements, n + w, w, count);
  elementwise("GELU: tanh", elements, w, w, count, 8);
  elementwise("GELU: add one", elements, w, w, count);
  elementwise("GELU: half", elements, n, n, count);
  elementwise("GELU: product", elements, n + w, w, count);
  if (autocast_) elementwise("input cast", elements, 4, n, count, 0);
  if (!trains_) return;
  elementwise("GELU: product backward", elements, 2 * w, w, 2 * count);
  elementwise("GELU: tanh backward", elements, 2 * w, w, count, 3);
  elementwise("GELU: scale backward", elements, w, w, 3 * count);
  elementwise("GELU: cube backward", elements, w, w, 2 * count);
  elementwise("GELU: cube backward", elements, 2 * w, w, count);
  elementwise("GELU: sum of gradients", elements, 2 * w, w, 2 * count);
  if (autocast_) elementwise("GELU: cast backward", elements, 4, n, 2 * count, 0);
}

void framework_kernels::gated_activation(std::int64_t tokens, std::int64_t width, double count) {
  const double elements = to_double(tokens) * to_double(width), n = narrow_bytes_;
  if (compiled()) {
    elementwise("gated activation", elements, 2 * n, n, count, 5);
    if (trains_) elementwise("gated activation backward", elements, 3 * n, 2 * n, count, 12);
    return;
  }
  const bool silu = activation_of(request_.shape) == activation_function::silu;
  const std::string name = silu ? "SiLU" : "GELU";
  elementwise(name, elements, n, n, count, 4);
  elementwise("gate product", elements, 2 * n, n, count);
  if (!trains_) return;
  elementwise("gate product backward", elements, 2 * n, n, 2 * count);
  elementwise(name + " backward", elements, 2 * n, n, count, 8);
  // Both matrices read the same input: their gradients of it are added.
  elementwise("sum of gradients", to_double(tokens) * to_double(request_.shape.hidden), 2 * n, n, count);
}

void framework_kernels::dropout(double elements, double bytes, double count) {
  // Compiled it is part of its neighbours.
  if (!trains_ || !request_.dropout || compiled() || request_.shape.family == transformer_family::llama) return;
  elementwise("dropout", elements, bytes, bytes + 1, count, 2);  // the mask takes a byte
  elementwise("dropout backward", elements, bytes + 1, bytes, count, 2);
}

void framework_kernels::embedding() {
  const auto& model = request_.shape;
  const std::int64_t tokens = request_.batch * request_.sequence;
  const double w = wide_bytes_;
  const auto width = model.embedding_width > 0 ? model.embedding_width : model.hidden;
  const double rows = to_double(tokens) * to_double(width), hidden = to_double(tokens) * to_double(model.hidden);
  const double table = to_double(share_of(model, request_.tensor_parallel).vocabulary) * to_double(width);
  weights(table, 1);
  elementwise("embedding", rows, w, w, 1, 0);
  if (model.embedding_width > 0) linear("embedding projection", tokens, width, model.hidden, false, 1);

  // A second table is looked up and added: positions, of BERT also the segments.
  const double positions = to_double(request_.sequence) * to_double(model.hidden);
  const int tables = model.positions == 0 ? 0 : model.family == transformer_family::bert ? 2 : 1;
  if (tables > 0) {
    weights(to_double(model.positions) * to_double(model.hidden), 1);
    if (compiled()) {
      elementwise("position embedding", hidden, tables * w, w, 1);
    } else {
      if (tables > 1) elementwise("segment embedding", hidden, w, w, 1, 0);
      elementwise("position embedding", positions, w, w, 1, 0);
      elementwise("sum of embeddings", hidden, 2 * w, w, tables);
    }
  }
  if (model.family == transformer_family::opt && eager())
    net_.add("positions", streaming{tiny_bytes, 0}, wide_, 4);  // sums over the mask
  if (!trains_) return;
  // The gradient of a table is cleared, then each token's row is added to its row of it.
  elementwise("embedding gradient: clear", table, 0, w, 1, 0);
  elementwise("embedding gradient", rows, 2 * w, w, 1);
  if (model.tied_embeddings && request_.head != network_head::none && request_.pipeline_stages == 1)
    elementwise("sum of gradients", table, 2 * w, w, 1);  // the output head's gradient of the same table
  for (int i = 0; i < tables; ++i) elementwise("embedding gradient", hidden, 2 * w, w, 1);
}

void framework_kernels::pooler() {
  const auto& model = request_.shape;
  linear("pooler", request_.batch, model.hidden, model.hidden, true, 1);
  elementwise("pooler: tanh", to_double(request_.batch * model.hidden), narrow_bytes_, narrow_bytes_, 1, 8);
  if (trains_)
    elementwise("pooler: tanh backward", to_double(request_.batch * model.hidden), 2 * narrow_bytes_, narrow_bytes_, 1,
                3);
}

void framework_kernels::mask() {
  if (compiled()) return;
  const auto& model = request_.shape;
  const double square = to_double(request_.sequence) * to_double(request_.sequence);
  switch (model.family) {
    case transformer_family::bert:  // one value a token
      net_.add("mask", streaming{tiny_bytes, 0}, wide_, 3);
      return;
    case transformer_family::gpt2:  // each layer looks at its square of a stored triangle
      return;
    case transformer_family::opt:
    case transformer_family::llama:
      if (request_.attention == attention_kind::unfused) elementwise("mask", square, wide_bytes_, wide_bytes_, 5);
      if (model.positions == 0) elementwise("rotary table", to_double(request_.sequence * model.head_dim), 4, 4, 8);
      return;
  }
}

void framework_kernels::loss(std::int64_t rows, std::int64_t vocabulary, bool shifted) {
  const double logits = to_double(rows) * to_double(vocabulary), n = narrow_bytes_;
  using kind = row_operation::kind;
  // log-softmax has softmax's traffic; the loss itself reads one value a row.
  if (eager() && n < 4) elementwise("logits cast", logits, n, 4, 1, 0);
  if (eager() && shifted) copy("shifted logits", logits, 4, 1);
  net_.add("log-softmax", row_operation{kind::softmax, rows, vocabulary}, precision::fp32, 1);
  net_.add("loss", streaming{tiny_bytes, 0}, precision::fp32, 1);
  if (!trains_) return;
  if (eager()) elementwise("loss backward", logits, 0, 4, 1, 0);
  net_.add("log-softmax backward", row_operation{kind::softmax, rows, vocabulary, true}, precision::fp32, 1);
  if (eager() && shifted) {
    elementwise("shifted logits backward", logits, 0, 4, 1, 0);
    copy("shifted logits backward", logits, 4, 1);
  }
  if (eager() && n < 4) elementwise("logits cast backward", logits, 4, n, 1, 0);
}

std::vector<network_operator> framework_kernels::finish() {
  if (request_.phase == phase::full_step) {
    if (request_.numerics == numerics::fp16_amp) {
      const auto unscale = unscale_gradients(weights_);
      net_.add(unscale.name, unscale.shape, unscale.precision, unscale.count);
    }
    for (const auto& op : optimizer_step(request_.optimizer, weights_, wide_bytes_, request_.fused_optimizer))
      net_.add(op.name, op.shape, op.precision, op.count);
  }
  return net_.take();
}

}  // namespace gpubench::models
