#include "bench/cuda/module/decoder_gradient_check.hpp"

#include "bench/cuda/module/sampled_place.hpp"
#include "kernels/attention_check.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reference/transformer.hpp"
#include "reference/transformer_gradients.hpp"

namespace gpubench::cuda {

namespace {

using vector = std::vector<double>;

/// What rounding explains: of each value its rounding to the type, and a share of the root mean square of all for the
/// arithmetic before.
struct allowance {
  double of_value = 0, of_all = 0;
};

/// Steps on single elements, and sums over a row in fp32: a few dozen roundings.
constexpr double short_arithmetic = 64 * 0x1p-24;

/// Sums of k products on tensor cores, as kernels::rounding_bound() has them; their root of squares is about the root
/// mean square of the results.
double product_arithmetic(std::int64_t k) {
  const auto products = static_cast<double>(k);
  return (8 * std::sqrt(products) + products / 4) * 0x1p-23;
}

double row_error(const vector& found, const vector& expected, const allowance& allowed) {
  if (found.size() != expected.size()) return INFINITY;
  double squares = 0;
  for (const double v : expected) squares += v * v;
  const double share = allowed.of_all * std::sqrt(squares / static_cast<double>(expected.size()));
  worst_error worst;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double distance = std::abs(found[i] - expected[i]);
    if (distance != 0) worst.add(distance / (allowed.of_value * std::abs(expected[i]) + share));
  }
  return worst.get();
}

vector sum_of(vector one, const vector& other) {
  for (std::size_t i = 0; i < one.size(); ++i) one[i] += other[i];
  return one;
}

/// One pass over the steps, in their order.
class gradient_check {
 public:
  explicit gradient_check(const decoder_passes& of)
      : of_(of),
        f_(of.forward),
        g_(of.gradients),
        rounding_(std::ldexp(1.0, -kernels::significand_bits(of.type))),
        first_row_((of.shape.batch - 1) * of.shape.tokens) {}

  step_errors run() {
    linear_layers();
    for (const std::int64_t token : tokens()) elementwise(first_row_ + token, token);
    attention();
    scale("attention_norm", f_.input, g_.attention_normed, of_.weight_gradients.attention_norm);
    scale("ffn_norm", f_.sum, g_.ffn_normed, of_.weight_gradients.ffn_norm);
    return std::move(errors_);
  }

 private:
  /// The first sees itself alone, the last is seen by itself alone.
  std::set<std::int64_t> tokens() const {
    const std::int64_t last = of_.shape.tokens - 1;
    return {0, std::min<std::int64_t>(5, last), last / 2, last};
  }
  allowance short_steps() const { return {rounding_, short_arithmetic}; }

  void linear_layers() {
    linear("projection", of_.weights.projection, g_.projected, f_.attention_normed, g_.attention_normed,
           of_.weight_gradients.projection);
    linear("output", of_.weights.output, g_.sum, f_.attended, g_.attended, of_.weight_gradients.output);
    linear("gate_up", of_.weights.gate_up, g_.gate_up, f_.ffn_normed, g_.ffn_normed, of_.weight_gradients.gate_up);
    linear("down", of_.weights.down, g_.output, f_.activated, g_.activated, of_.weight_gradients.down);
  }

  /// y = x W': dx = dy W for some rows, dW = dy' x for some entries.
  void linear(const std::string& name, const readable_matrix& weights, const readable_matrix& y_gradient,
              const readable_matrix& x, const readable_matrix& x_gradient, const readable_matrix& weight_gradient) {
    const auto w = weights.all();
    const allowance of_row{rounding_, product_arithmetic(weights.rows())};
    for (const std::int64_t token : tokens()) {
      const std::int64_t row = first_row_ + token;
      const auto expected = reference::linear_input_gradient(w.data(), weights.columns(), y_gradient.row(row));
      errors_.add(name + "'s input gradient", row_error(x_gradient.row(row), expected, of_row));
    }
    for (std::int64_t i = 0; i < 16; ++i) {
      const std::int64_t out = sampled(i, 1, weights.rows());
      // Not the same end of both axes each time.
      const std::int64_t in = i < 2 ? sampled(1 - i, 2, weights.columns()) : sampled(i, 2, weights.columns());
      const vector dy = y_gradient.column(out), column = x.column(in);
      double sum = 0, squares = 0;
      for (std::size_t row = 0; row < dy.size(); ++row) {
        sum += dy[row] * column[row];
        squares += dy[row] * dy[row] * column[row] * column[row];
      }
      const double bound = rounding_ * std::abs(sum) + product_arithmetic(y_gradient.rows()) * std::sqrt(squares);
      errors_.add(name + "'s weight gradient", std::abs(weight_gradient.value(out, in) - sum) / bound);
    }
  }

  void elementwise(std::int64_t row, std::int64_t token) {
    errors_.add("gating's gradient",
                row_error(g_.gate_up.row(row),
                          reference::gated_silu_gradient(f_.gate_up.row(row), g_.activated.row(row)), short_steps()));
    norm("ffn_norm's input gradient", f_.sum, of_.weights.ffn_norm, g_.ffn_normed, g_.output, g_.sum, row);
    norm("attention_norm's input gradient", f_.input, of_.weights.attention_norm, g_.attention_normed, g_.sum, g_.input,
         row);

    vector turned = g_.queries.row(row);
    const vector keys = g_.keys.row(row), values = g_.values.row(row);
    turned.insert(turned.end(), keys.begin(), keys.end());
    reference::turn_heads(turned, of_.shape.head_dim, -token);
    turned.insert(turned.end(), values.begin(), values.end());
    errors_.add("rotary embedding's gradient", row_error(g_.projected.row(row), turned, short_steps()));
  }

  void norm(const std::string& name, const readable_matrix& x, const readable_matrix& scale,
            const readable_matrix& gradient, const readable_matrix& residual, const readable_matrix& found,
            std::int64_t row) {
    const auto scales = scale.all();
    const auto own = reference::rms_norm_input_gradient(x.row(row), scales.data(), gradient.row(row));
    errors_.add(name, row_error(found.row(row), sum_of(own, residual.row(row)), short_steps()));
  }

  /// All columns of a scale's gradient, some rows at a time.
  void scale(const std::string& name, const readable_matrix& x, const readable_matrix& gradient,
             const readable_matrix& found) {
    constexpr std::int64_t at_once = 1024;
    const auto width = static_cast<std::size_t>(x.columns());
    vector sums(width), squares(width);
    for (std::int64_t first = 0; first < x.rows(); first += at_once) {
      const std::int64_t count = std::min(at_once, x.rows() - first);
      const auto some_x = x.some_rows(first, count), some_gradients = gradient.some_rows(first, count);
      for (std::size_t r = 0; r < static_cast<std::size_t>(count); ++r) {
        const auto row_of = [&](const std::vector<float>& all) {
          const auto start = all.begin() + static_cast<std::ptrdiff_t>(r * width);
          return vector(start, start + x.columns());
        };
        const vector shares = reference::rms_norm_scale_gradient(row_of(some_x), row_of(some_gradients));
        for (std::size_t i = 0; i < width; ++i) {
          sums[i] += shares[i];
          squares[i] += shares[i] * shares[i];
        }
      }
    }
    // Sums in fp32, which err like a random walk (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed.,
    // section 2.8), taken eight times.
    const double of_sums = (8 * std::sqrt(static_cast<double>(x.rows())) + 32) * 0x1p-24;
    const vector row = found.row(0);
    for (std::size_t i = 0; i < width; ++i) {
      const double bound = rounding_ * std::abs(sums[i]) + of_sums * std::sqrt(squares[i]);
      errors_.add(name + "'s scale gradient", std::abs(row[i] - sums[i]) / bound);
    }
  }

  /// Of the last sequence: statistics and gradients of some queries, and gradients of some keys and values.
  void attention() {
    const auto& s = of_.shape;
    const auto sequence = [&](const readable_matrix& all) { return all.some_rows(first_row_, s.tokens); };
    const auto q = sequence(f_.queries), k = sequence(f_.keys), v = sequence(f_.values), o = sequence(f_.attended);
    const auto output_gradient = sequence(g_.attended);
    const auto statistics = f_.statistics.some_rows((s.batch - 1) * s.heads, s.heads);
    kernels::attention_problem p{of_.type, 1, s.heads, s.kv_heads, s.tokens, s.tokens, s.head_dim, true};
    p.given = {nullptr, q.data(), k.data(), v.data(), output_gradient.data(), o.data()};
    p.given_statistics = statistics.data();

    const auto part_of = [&](const readable_matrix& all, std::int64_t token, std::int64_t head) {
      const vector row = all.row(first_row_ + token);
      const auto start = row.begin() + head * s.head_dim;
      return vector(start, start + s.head_dim);
    };
    std::int64_t which = 0;
    for (const std::int64_t token : tokens()) {
      const std::int64_t head = sampled(which, 3, s.heads), kv_head = sampled(which, 4, s.kv_heads);
      ++which;
      const double expected = kernels::reference_output(p, 0, head, token).statistic;
      const double found = static_cast<double>(statistics[static_cast<std::size_t>(head * s.tokens + token)]);
      errors_.add("attention's statistics",
                  std::abs(found - expected) / (4 * kernels::attention_blur * (1 + std::abs(expected))));
      errors_.add("queries' gradient",
                  kernels::reference_query_gradient(p, 0, head, token).error_of(part_of(g_.queries, token, head)));
      const auto of_key = kernels::reference_key_gradients(p, 0, kv_head, token);
      errors_.add("keys' gradient", of_key.dk.error_of(part_of(g_.keys, token, kv_head)));
      errors_.add("values' gradient", of_key.dv.error_of(part_of(g_.values, token, kv_head)));
    }
  }

  const decoder_passes& of_;
  const decoder_values& f_;
  const decoder_gradient_values& g_;
  double rounding_;
  std::int64_t first_row_;
  step_errors errors_;
};

}  // namespace

step_errors decoder_gradient_errors(const decoder_passes& of) {
  return gradient_check(of).run();
}

}  // namespace gpubench::cuda
