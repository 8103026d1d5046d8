#include "reference/transformer.hpp"

#include <cmath>

#include "reference/vector_clones.hpp"

namespace gpubench::reference {
namespace {

using vector = std::vector<double>;

GPUBENCH_VECTOR_CLONES double dot(const float* w, const double* x, std::int64_t size) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < size; ++i) sum += static_cast<double>(w[i]) * x[i];
  return sum;
}

vector row_of(const float* rows, std::int64_t row, std::int64_t width) {
  return {rows + row * width, rows + (row + 1) * width};
}

/// `rows` rows of the projection from `first` on, for a new token.
vector projected(const transformer_sequence& of, std::int64_t token, std::int64_t first, std::int64_t rows) {
  const vector x = row_of(of.input, token, of.shape.hidden);
  return linear(of.projection, first, rows, rms_normalized(x, of.attention_norm));
}

std::int64_t position_of(const transformer_sequence& of, std::int64_t token) {
  return of.shape.kv_len - of.shape.tokens + token;
}

/// Keys or values of all heads at each position up to and including `last`.
std::vector<vector> heads_at(const transformer_sequence& of, std::int64_t last, bool keys) {
  const auto& s = of.shape;
  std::vector<vector> all;
  for (std::int64_t p = 0; p <= last; ++p) {
    if (p < of.stored) {
      vector heads;
      for (std::int64_t h = 0; h < s.kv_heads; ++h) {
        const float* head = (keys ? of.keys : of.values) + h * of.head_stride + p * of.position_stride;
        heads.insert(heads.end(), head, head + s.head_dim);
      }
      all.push_back(std::move(heads));
    } else {
      const std::int64_t token = p - (s.kv_len - s.tokens);
      all.push_back(keys ? transformer_key(of, token) : transformer_value(of, token));
    }
  }
  return all;
}

}  // namespace

vector linear(const float* weights, std::int64_t first, std::int64_t rows, const vector& x) {
  vector y(static_cast<std::size_t>(rows));
  const auto width = static_cast<std::int64_t>(x.size());
#pragma omp parallel for schedule(static)
  for (std::int64_t r = 0; r < rows; ++r) {
    y[static_cast<std::size_t>(r)] = dot(weights + (first + r) * width, x.data(), width);
  }
  return y;
}

void turn_heads(vector& x, std::int64_t width, std::int64_t position) {
  for (std::size_t start = 0; start < x.size(); start += static_cast<std::size_t>(width)) {
    for (std::int64_t i = 0; i < width / 2; ++i) {
      const double angle =
          static_cast<double>(position) /
          std::pow(models::llama3_rotary_base, 2 * static_cast<double>(i) / static_cast<double>(width));
      double& a = x[start + static_cast<std::size_t>(i)];
      double& b = x[start + static_cast<std::size_t>(i + width / 2)];
      const double turned = a * std::cos(angle) - b * std::sin(angle);
      b = a * std::sin(angle) + b * std::cos(angle);
      a = turned;
    }
  }
}

vector rms_normalized(const vector& x, const float* scale) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  const double root =
      std::sqrt(squares / static_cast<double>(x.size()) + static_cast<double>(models::llama3_norm_epsilon));
  vector y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] / root * static_cast<double>(scale[i]);
  return y;
}

vector transformer_query(const transformer_sequence& of, std::int64_t token) {
  vector query = projected(of, token, 0, of.shape.query_width());
  turn_heads(query, of.shape.head_dim, position_of(of, token));
  return query;
}

vector transformer_key(const transformer_sequence& of, std::int64_t token) {
  vector key = projected(of, token, of.shape.query_width(), of.shape.kv_width());
  turn_heads(key, of.shape.head_dim, position_of(of, token));
  return key;
}

vector transformer_value(const transformer_sequence& of, std::int64_t token) {
  return projected(of, token, of.shape.query_width() + of.shape.kv_width(), of.shape.kv_width());
}

vector transformer_attended(const transformer_sequence& of, const vector& query, std::int64_t last) {
  const auto& s = of.shape;
  const auto keys = heads_at(of, last, true), values = heads_at(of, last, false);
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

vector transformer_token(const transformer_sequence& of, std::int64_t token) {
  const auto& s = of.shape;
  vector x = row_of(of.input, token, s.hidden);
  const vector heads = transformer_attended(of, transformer_query(of, token), position_of(of, token));
  const vector added = linear(of.output, 0, s.hidden, heads);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += added[i];

  const vector normed = rms_normalized(x, of.ffn_norm);
  vector gate = linear(of.gate_up, 0, s.ffn, normed);
  const vector up = linear(of.gate_up, s.ffn, s.ffn, normed);
  for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
  const vector down = linear(of.down, 0, s.hidden, gate);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += down[i];
  return x;
}

}  // namespace gpubench::reference
