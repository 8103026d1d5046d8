#include "bench/host/transformer_reference.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::bench::host::reference {
namespace {

using vector = std::vector<double>;

GPUBENCH_VECTOR_CLONES double dot(const float* w, const double* x, std::int64_t size) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < size; ++i) sum += static_cast<double>(w[i]) * x[i];
  return sum;
}

/// Rows [first, first + rows) of an output x input matrix times x.
vector linear(const aligned_array<float>& weights, std::int64_t first, std::int64_t rows, const vector& x) {
  vector y(static_cast<std::size_t>(rows));
  const auto width = static_cast<std::int64_t>(x.size());
#pragma omp parallel for schedule(static)
  for (std::int64_t r = 0; r < rows; ++r) {
    y[static_cast<std::size_t>(r)] = dot(weights.data() + (first + r) * width, x.data(), width);
  }
  return y;
}

vector normalized(const vector& x, const std::vector<float>& scale) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  const double root = std::sqrt(squares / static_cast<double>(x.size()) + static_cast<double>(norm_epsilon));
  vector y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] / root * static_cast<double>(scale[i]);
  return y;
}

/// Every head of `width` turned by its position.
void rotate(vector& x, std::int64_t width, std::int64_t position) {
  for (std::size_t start = 0; start < x.size(); start += static_cast<std::size_t>(width)) {
    for (std::int64_t i = 0; i < width / 2; ++i) {
      const double angle = static_cast<double>(position) /
                           std::pow(rotary_base, 2 * static_cast<double>(i) / static_cast<double>(width));
      double& a = x[start + static_cast<std::size_t>(i)];
      double& b = x[start + static_cast<std::size_t>(i + width / 2)];
      const double turned = a * std::cos(angle) - b * std::sin(angle);
      b = a * std::sin(angle) + b * std::cos(angle);
      a = turned;
    }
  }
}

vector row_of(const aligned_array<float>& rows, std::int64_t row, std::int64_t width) {
  return {rows.data() + row * width, rows.data() + (row + 1) * width};
}

/// Keys or values of all heads at each position up to and including `last`.
std::vector<vector> stored_heads(const transformer_layer& layer, std::int64_t sequence, std::int64_t last, bool keys) {
  const auto& s = layer.shape();
  const auto& cache = keys ? layer.keys() : layer.values();
  const std::int64_t before = s.kv_len - s.tokens, first_row = s.query_width() + (keys ? 0 : s.kv_width());
  std::vector<vector> all;
  for (std::int64_t p = 0; p <= last; ++p) {
    if (p < before) {
      vector heads;
      for (std::int64_t h = 0; h < s.kv_heads; ++h) {
        const vector head = row_of(cache, (sequence * s.kv_heads + h) * s.kv_len + p, s.head_dim);
        heads.insert(heads.end(), head.begin(), head.end());
      }
      all.push_back(std::move(heads));
    } else {
      const vector x = row_of(layer.input(), sequence * s.tokens + p - before, s.hidden);
      const vector normed = normalized(x, layer.weights().attention_norm);
      all.push_back(linear(layer.weights().projection, first_row, s.kv_width(), normed));
      if (keys) rotate(all.back(), s.head_dim, p);
    }
  }
  return all;
}

vector attended(const transformer_layer_shape& s, const vector& query, const std::vector<vector>& keys,
                const std::vector<vector>& values) {
  vector result(query.size(), 0.0);
  for (std::int64_t h = 0; h < s.heads; ++h) {
    const std::int64_t shared = h / (s.heads / s.kv_heads) * s.head_dim;
    const double* q = query.data() + h * s.head_dim;
    vector weights;
    for (const auto& key : keys) {
      double score = 0;
      for (std::int64_t i = 0; i < s.head_dim; ++i) score += q[i] * key[static_cast<std::size_t>(shared + i)];
      weights.push_back(std::exp(score / std::sqrt(static_cast<double>(s.head_dim))));
    }
    double sum = 0;
    for (const double w : weights) sum += w;
    for (std::size_t p = 0; p < values.size(); ++p) {
      for (std::int64_t i = 0; i < s.head_dim; ++i) {
        result[static_cast<std::size_t>(h * s.head_dim + i)] +=
            weights[p] / sum * values[p][static_cast<std::size_t>(shared + i)];
      }
    }
  }
  return result;
}

}  // namespace

std::vector<double> transformer_token(const transformer_layer& layer, std::int64_t sequence, std::int64_t token) {
  const auto& s = layer.shape();
  const auto& w = layer.weights();
  const std::int64_t position = s.kv_len - s.tokens + token;
  vector x = row_of(layer.input(), sequence * s.tokens + token, s.hidden);

  vector query = linear(w.projection, 0, s.query_width(), normalized(x, w.attention_norm));
  rotate(query, s.head_dim, position);
  const vector heads =
      attended(s, query, stored_heads(layer, sequence, position, true), stored_heads(layer, sequence, position, false));
  const vector added = linear(w.output, 0, s.hidden, heads);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += added[i];

  const vector normed = normalized(x, w.ffn_norm);
  vector gate = linear(w.gate_up, 0, s.ffn, normed);
  const vector up = linear(w.gate_up, s.ffn, s.ffn, normed);
  for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
  const vector down = linear(w.down, 0, s.hidden, gate);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += down[i];
  return x;
}

}  // namespace gpubench::bench::host::reference
