#include "models/transformer_layer.hpp"

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
  return {
      {"qkv projection", product(p, rows, s.projected_width(), s.hidden), p},
      {"attention", attention{s.batch, s.tokens, s.kv_len, s.heads, s.kv_heads, s.head_dim, true, false}, p},
      {"output projection", product(p, rows, s.hidden, s.query_width()), p},
      {"gate and up projection", product(p, rows, 2 * s.ffn, s.hidden), p},
      {"down projection", product(p, rows, s.hidden, s.ffn), p},
      // Read and written once each: two normalisations and two residual additions, rotary embedding, gating.
      stream("normalization", 2 * 2, s.hidden, 2 * 4),
      stream("residual", 2 * 3, s.hidden, 2),
      stream("rotary embedding", 2, s.query_width() + s.kv_width(), 3),
      stream("activation", 3, s.ffn, gated_activation_flop),
  };
}

}  // namespace gpubench::models
