#include "models/transformer_layer.hpp"

#include "models/transformer.hpp"

#include <array>
#include <string>

namespace gpubench::models {
namespace {

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

/// Traffic and arithmetic of what is bound by memory: `accesses` reads and writes of each of rows x width elements.
class streams_of {
 public:
  streams_of(const transformer_layer_shape& s, precision p) : rows_(to_double(s.rows())), precision_(p) {}

  network_operator operator()(const char* name, double accesses, std::int64_t width, double flop_per_element) const {
    const double elements = rows_ * to_double(width);
    const double bytes = accesses * bytes_per_element(precision_) * elements;
    return {name, streaming{bytes, flop_per_element * elements}, precision_};
  }

 private:
  double rows_;
  precision precision_;
};

struct linear_layer {
  const char* name;
  std::int64_t outputs = 0, inputs = 0;
};
std::array<linear_layer, 4> linear_layers(const transformer_layer_shape& s) {
  return {{{"qkv projection", s.projected_width(), s.hidden},
           {"output projection", s.hidden, s.query_width()},
           {"gate and up projection", 2 * s.ffn, s.hidden},
           {"down projection", s.hidden, s.ffn}}};
}

attention attention_of(const transformer_layer_shape& s, bool backward) {
  return {s.batch, s.tokens, s.kv_len, s.heads, s.kv_heads, s.head_dim, true, backward};
}

gemm product(precision p, std::int64_t m, std::int64_t n, std::int64_t k) {
  return {m, n, k, 1, p};
}

}  // namespace

double parameter_count(const transformer_layer_shape& s) {
  return to_double(s.hidden) * (to_double(s.projected_width()) + to_double(s.query_width()) + 3 * to_double(s.ffn) + 2);
}

std::vector<network_operator> transformer_layer_forward(const transformer_layer_shape& s, precision p) {
  const std::int64_t rows = s.rows();
  const streams_of stream(s, p);
  const auto [qkv, output, gate_up, down] = linear_layers(s);
  const auto forward = [&](const linear_layer& of) {
    return network_operator{of.name, product(p, rows, of.outputs, of.inputs), p};
  };
  return {
      forward(qkv),
      {"attention", attention_of(s, false), p},
      forward(output),
      forward(gate_up),
      forward(down),
      // Read and written once each: two normalisations and two residual additions, rotary embedding, gating.
      stream("normalization", 2 * 2, s.hidden, 2 * 4),
      stream("residual", 2 * 3, s.hidden, 2),
      stream("rotary embedding", 2, s.query_width() + s.kv_width(), 3),
      stream("activation", 3, s.ffn, gated_activation_flop),
  };
}

std::vector<network_operator> transformer_layer_training_step(const transformer_layer_shape& s, precision p) {
  auto step = transformer_layer_forward(s, p);
  const streams_of stream(s, p);
  for (const auto& of : linear_layers(s)) {
    const std::string name = of.name;
    step.push_back({name + " backward data", product(p, s.rows(), of.inputs, of.outputs), p});
    step.push_back({name + " backward weights", product(p, of.outputs, of.inputs, s.rows()), p});
  }
  step.push_back({"attention backward", attention_of(s, true), p});
  // Reads the input and the output's gradient, writes the input's; the additions join two gradients.
  step.push_back(stream("normalization backward", 2 * 3, s.hidden, 2 * 10));
  step.push_back(stream("residual backward", 2 * 3, s.hidden, 2));
  step.push_back(stream("rotary embedding backward", 2, s.query_width() + s.kv_width(), 3));
  // Reads gate, up and the gradient, writes a gradient for each of the two.
  step.push_back(stream("activation backward", 5, s.ffn, 12));
  step.push_back(adam_step(parameter_count(s)));
  return step;
}

}  // namespace gpubench::models
