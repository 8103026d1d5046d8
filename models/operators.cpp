#include "models/operators.hpp"

#include <algorithm>

namespace gpubench::models {
namespace {

double output_bytes(const std::optional<precision>& stated, precision inputs) {
  if (stated) return bytes_per_element(*stated);
  return inputs == precision::int8 ? 4.0 : bytes_per_element(inputs);
}

work work_of(const gemm& g, precision p) {
  const auto m = static_cast<double>(g.m), n = static_cast<double>(g.n), k = static_cast<double>(g.k);
  const auto batch = static_cast<double>(g.batch);
  const double bytes = m * k * bytes_per_element(p) + k * n * bytes_per_element(g.weights.value_or(p)) +
                       m * n * output_bytes(g.output, p);
  return {batch * 2 * m * n * k, batch * bytes};
}

work work_of(const convolution& c, precision p) {
  const auto images = static_cast<double>(c.n);
  const double out_pixels = static_cast<double>(c.out_height()) * static_cast<double>(c.out_width());
  const double weights =
      static_cast<double>(c.c_in) * static_cast<double>(c.c_out) * static_cast<double>(c.kernel * c.kernel);
  const double input = images * static_cast<double>(c.c_in * c.height * c.width);
  const double output = images * static_cast<double>(c.c_out) * out_pixels;
  // All three passes do the same multiply-adds and touch the same three tensors.
  return {2 * images * out_pixels * weights,
          (input + weights) * bytes_per_element(p) + output * output_bytes(c.output, p)};
}

// Pairs of a query and a key that it sees, of one head.
double seen_pairs(const attention& a) {
  const auto q = static_cast<double>(a.q_len), kv = static_cast<double>(a.kv_len);
  const double window = a.window > 0 ? std::min(static_cast<double>(a.window), kv) : kv;
  if (!a.causal) return q * window;
  // The last query sees every key, each one before it one key less; queries before the first key see none.
  const double seeing = std::min(q, kv);
  const double first = kv - seeing;  // keys before that of the first query
  // Queries whose keys do not fill the window see one more than the query before them, the others the whole window.
  const double growing = std::clamp(window - first, 0.0, seeing);
  return growing * first + growing * (growing + 1) / 2 + (seeing - growing) * window;
}

// Keys that at least one query sees.
double seen_keys(const attention& a) {
  if (a.window <= 0 || !a.causal) return static_cast<double>(a.kv_len);
  return static_cast<double>(std::min(a.kv_len, a.window + a.q_len - 1));
}

work work_of(const attention& a, precision p) {
  const auto batch = static_cast<double>(a.batch), heads = static_cast<double>(a.heads);
  const auto q = static_cast<double>(a.q_len);
  const auto key_width = static_cast<double>(a.head_dim), value_width = static_cast<double>(a.value_width());
  const double q_and_out = batch * heads * q * (key_width + value_width);
  const double cached_width = a.values_in_keys ? key_width : key_width + value_width;
  const double keys_and_values = batch * static_cast<double>(a.kv_heads) * seen_keys(a) * cached_width;
  const double bytes = (q_and_out + keys_and_values) * bytes_per_element(p);
  const double pair_products = 2 * batch * heads * seen_pairs(a);
  if (!a.backward) return {pair_products * (key_width + value_width), bytes};
  // Scores again, gradients of queries and keys: three products along the keys' width; gradients of the probabilities
  // and the values: two along the values'. Reads Q, K, V, O, dO and writes dQ, dK, dV: twice the forward traffic.
  return {pair_products * (3 * key_width + 2 * value_width), 2 * bytes};
}

work work_of(const streaming& s, precision) {
  return {s.flop, s.bytes};
}

// Softmax: maximum, difference, exponential, sum, division. Normalisation: moments, difference, scale, shift. Five FLOP
// a value each, eight for the gradients.
work work_of(const row_operation& r, precision p) {
  const double values = static_cast<double>(r.rows) * static_cast<double>(r.cols);
  const double parameters = r.what == row_operation::kind::softmax
                                ? 0
                                : static_cast<double>(r.cols) * (r.what == row_operation::kind::layer_norm ? 2 : 1);
  const double accesses = r.backward ? 3 : 2;
  return {values * (r.backward ? 8 : 5), (accesses * values + parameters) * bytes_per_element(p)};
}

}  // namespace

work work_of(const operator_shape& shape, precision p) {
  return std::visit([p](const auto& s) { return work_of(s, p); }, shape);
}

work total_work(const std::vector<network_operator>& network) {
  work total;
  for (const auto& part : network) {
    const work one = work_of(part.shape, part.precision);
    total.flop += part.count * one.flop;
    total.bytes += part.count * one.bytes;
  }
  return total;
}

std::string_view kind_of(const operator_shape& shape) {
  constexpr std::string_view names[] = {"gemm", "convolution", "attention", "streaming", "streaming"};
  return names[shape.index()];
}

std::string_view to_string(pass p) {
  switch (p) {
    case pass::forward:
      return "forward";
    case pass::backward_data:
      return "backward_data";
    case pass::backward_weights:
      return "backward_weights";
  }
  return "";
}

}  // namespace gpubench::models
