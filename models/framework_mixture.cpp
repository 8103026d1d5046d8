#include "models/framework_kernels.hpp"
#include "models/mixture_of_experts.hpp"
#include "models/transformer_shape.hpp"

namespace gpubench::models {
namespace {

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

std::int64_t divide_up(std::int64_t size, std::int64_t parts) {
  return (size + parts - 1) / parts;
}

constexpr double choice_bytes = 12;  // of a token's choice: weight in fp32, number of the expert in 64 bits

}  // namespace

void framework_kernels::grouped_linear(const std::string& name, std::int64_t inputs, std::int64_t outputs, bool bias,
                                       double count) {
  const auto& experts = request_.shape.experts;
  const std::int64_t tokens = request_.batch * request_.sequence;
  const double matrices = to_double(experts.experts) * to_double(inputs) * to_double(outputs);
  const double rows = to_double(tokens * experts.experts_per_token);
  weights(count * (matrices + (bias ? to_double(experts.experts * outputs) : 0)), count * (bias ? 2 : 1));
  // Autocast cannot know which experts tokens will be sent to: all of them are cast.
  if (autocast_) elementwise("expert weight cast", matrices, 4, narrow_bytes_, count, 0);
  const gemm forward = grouped_gemm(experts.experts, experts.experts_per_token, tokens, outputs, inputs);
  product(name, forward, count);
  if (bias) elementwise("expert bias", rows * to_double(outputs), narrow_bytes_, narrow_bytes_, count);
  if (!trains_) return;
  product(name + " backward data", {forward.m, inputs, outputs, forward.batch}, count);
  product(name + " backward weights", {outputs, inputs, forward.m, forward.batch}, count);
  if (bias) elementwise("bias gradient", rows * to_double(outputs), narrow_bytes_, 0, count);
  const double untouched = to_double(experts.experts - forward.batch) * to_double(inputs) * to_double(outputs);
  if (untouched > 0) elementwise("expert gradient: clear", untouched, 0, narrow_bytes_, count, 0);
  if (autocast_) elementwise("expert gradient cast", matrices, narrow_bytes_, 4, count, 0);
}

void framework_kernels::shared_experts(double count) {
  const auto& model = request_.shape;
  const std::int64_t tokens = request_.batch * request_.sequence;
  const std::int64_t width = divide_up(model.experts.shared_ffn, request_.tensor_parallel);
  const double elements = to_double(tokens) * to_double(model.hidden), n = narrow_bytes_;
  linear("shared expert gate projection", tokens, model.hidden, width, false, count);
  if (model.gated_ffn) {
    linear("shared expert up projection", tokens, model.hidden, width, false, count);
    gated_activation(tokens, width, count);
  } else {
    activation(tokens, width, count);
  }
  linear("shared expert down projection", tokens, width, model.hidden, false, count, input::narrow);
  if (model.experts.shared_gate) {
    linear("shared expert weight", tokens, model.hidden, 1, false, count);
    elementwise("shared expert weighing", elements, n, n, count);
    if (trains_) elementwise("shared expert weighing backward", elements, 2 * n, n, count);
  }
  elementwise("sum of experts", elements, 2 * n, n, count);
  if (trains_ && eager()) elementwise("sum of gradients", elements, 2 * n, n, count);
}

void framework_kernels::mixture(double count) {
  const auto& model = request_.shape;
  const auto& experts = model.experts;
  using kind = row_operation::kind;
  const std::int64_t tokens = request_.batch * request_.sequence, picked = experts.experts_per_token;
  const std::int64_t width = divide_up(experts.ffn, request_.tensor_parallel);
  const std::int64_t branches = model.gated_ffn ? 2 : 1;
  const double n = narrow_bytes_, hidden = to_double(model.hidden);
  const double states = to_double(tokens) * hidden, sent = states * to_double(picked);
  const double choices = to_double(tokens * picked), logits = to_double(tokens * experts.experts);

  // The choice is made in fp32: scores of all experts, the best of them, their weights scaled to one.
  linear("router", tokens, model.hidden, experts.experts, experts.biases, count);
  net_.add("router softmax", row_operation{kind::softmax, tokens, experts.experts}, precision::fp32, count);
  net_.add("expert selection", streaming{logits * 4 + choices * choice_bytes, logits}, precision::fp32, count);
  net_.add("expert weights", streaming{choices * 8, choices * 2}, precision::fp32, 2 * count);
  // Sorting by expert: four passes over keys and places, and how many tokens each expert has.
  net_.add("expert order", streaming{choices * 16, 0}, precision::fp32, 4 * count);
  net_.add("expert sizes", streaming{choices * 8, 0}, precision::fp32, count);

  // A row is read once and written as often as it was sent.
  elementwise("expert dispatch", states, n, n * to_double(picked), count, 0);
  grouped_linear(model.gated_ffn ? "expert gate and up projection" : "expert up projection", model.hidden,
                 branches * width, experts.biases, count);
  const double inner = choices * to_double(width);
  if (model.gated_ffn) {
    elementwise("expert activation", inner, 2 * n, n, count, 5);
    if (trains_) elementwise("expert activation backward", inner, 3 * n, 2 * n, count, 12);
  } else {
    elementwise("expert activation", inner, n, n, count, 8);
    if (trains_) elementwise("expert activation backward", inner, 2 * n, n, count, 10);
  }
  grouped_linear("expert down projection", width, model.hidden, experts.biases, count);
  if (eager()) {
    elementwise("expert weighing", sent, n, n, count);
    elementwise("expert combination", sent, n, n / to_double(picked), count);
  } else {
    elementwise("expert combination", sent, n, n / to_double(picked), count, 2);
  }
  if (trains_) {
    // Back: each row's gradient to its experts, times the weight; the weights' own gradients are scalar products.
    elementwise("expert combination backward", sent, n / to_double(picked), n, count);
    elementwise("expert weighing backward", sent, n, n, count);
    elementwise("expert weight gradient", sent, 2 * n, 0, count, 2);
    elementwise("expert dispatch backward", sent, n, n / to_double(picked), count);
    net_.add("expert selection backward", streaming{logits * 4 + choices * choice_bytes, 0}, precision::fp32, count);
    net_.add("router softmax backward", row_operation{kind::softmax, tokens, experts.experts, true}, precision::fp32,
             count);
    if (eager()) elementwise("sum of gradients", states, 2 * n, n, count);
  }
  if (experts.shared_ffn > 0) shared_experts(count);
}

}  // namespace gpubench::models
