#include "bench/host/transformer_layer.hpp"

#include "bench/host/transformer_loops.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::bench::host {
namespace {

std::size_t count(std::int64_t a, std::int64_t b, std::int64_t c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

aligned_array<float> linear_weights(std::int64_t out, std::int64_t in, std::uint64_t seed) {
  aligned_array<float> w(count(out, in));
  fill_uniform(w.data(), w.size(), seed, std::sqrt(3.0F / static_cast<float>(in)));
  return w;
}

std::vector<float> norm_weights(std::int64_t size, std::uint64_t seed) {
  std::vector<float> w(count(size, 1));
  fill_uniform(w.data(), w.size(), seed, 0.2F);
  for (float& v : w) v += 1;
  return w;
}

}  // namespace

transformer_layer_shape transformer_layer_of(const results::parameters& values) {
  const auto length = results::integer_parameter(values, "length");
  transformer_layer_shape s;
  s.batch = size_of(values, "batch");
  s.tokens = length ? *length : 1;
  s.kv_len = length ? *length : size_of(values, "kv_len");
  s.hidden = size_of(values, "hidden");
  s.heads = size_of(values, "heads");
  s.kv_heads = size_of(values, "kv_heads");
  s.head_dim = size_of(values, "head_dim");
  s.ffn = size_of(values, "ffn");
  return s;
}

double memory_bytes(const transformer_layer_shape& s) {
  const auto d = [](std::int64_t v) { return static_cast<double>(v); };
  const double weights =
      d(s.hidden) * d(s.projected_width()) + d(s.hidden) * d(s.query_width()) + 3 * d(s.hidden) * d(s.ffn);
  const double cache = 2 * d(s.batch) * d(s.kv_len) * d(s.kv_width());
  const double activations =
      d(s.rows()) * (4 * d(s.hidden) + d(s.projected_width()) + d(s.query_width()) + 3 * d(s.ffn));
  return 4 * (weights + cache + activations + d(s.tokens) * d(s.kv_len));
}

transformer_layer_weights::transformer_layer_weights(const transformer_layer_shape& s)
    : projection(linear_weights(s.projected_width(), s.hidden, 11)),
      output(linear_weights(s.hidden, s.query_width(), 12)),
      gate_up(linear_weights(2 * s.ffn, s.hidden, 13)),
      down(linear_weights(s.hidden, s.ffn, 14)),
      attention_norm(norm_weights(s.hidden, 15)),
      ffn_norm(norm_weights(s.hidden, 16)) {}

transformer_layer::transformer_layer(const transformer_layer_shape& shape, int threads)
    : shape_(shape),
      blas_((use_threads(threads), openblas(threads))),
      weights_(shape),
      input_(count(shape.rows(), shape.hidden)),
      output_(count(shape.rows(), shape.hidden)),
      normed_(count(shape.rows(), shape.hidden)),
      projected_(count(shape.rows(), shape.projected_width())),
      attended_(count(shape.rows(), shape.query_width())),
      middle_(count(shape.rows(), shape.hidden)),
      gate_up_(count(shape.rows(), 2 * shape.ffn)),
      activated_(count(shape.rows(), shape.ffn)),
      scores_(shape.tokens == 1 ? count(shape.batch, shape.heads, shape.kv_len) : count(shape.tokens, shape.kv_len)),
      keys_(count(shape.batch, shape.kv_width(), shape.kv_len)),
      values_(count(shape.batch, shape.kv_width(), shape.kv_len)) {
  fill_uniform(input_.data(), input_.size(), 1);
  fill_uniform(keys_.data(), keys_.size(), 2);
  fill_uniform(values_.data(), values_.size(), 3);
  for (std::int64_t t = 0; t < shape.tokens; ++t) {
    for (std::int64_t i = 0; i < shape.head_dim / 2; ++i) {
      const double exponent = -2 * static_cast<double>(i) / static_cast<double>(shape.head_dim);
      const double angle =
          static_cast<double>(shape.kv_len - shape.tokens + t) * std::pow(models::llama3_rotary_base, exponent);
      cosines_.push_back(static_cast<float>(std::cos(angle)));
      sines_.push_back(static_cast<float>(std::sin(angle)));
    }
  }
}

void transformer_layer::linear(const float* x, const aligned_array<float>& w, std::int64_t in, std::int64_t out,
                               float* y, bool add) {
  const auto rows = static_cast<blasint>(shape_.rows()), k = static_cast<blasint>(in), n = static_cast<blasint>(out);
  const float beta = add ? 1 : 0;
  if (rows == 1) {
    blas_.sgemv(CblasRowMajor, CblasNoTrans, n, k, 1, w.data(), k, x, 1, beta, y, 1);
  } else {
    blas_.sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, n, k, 1, x, k, w.data(), k, beta, y, n);
  }
}

void transformer_layer::rotate_and_store() {
  const std::int64_t d = shape_.head_dim, rotated = shape_.heads + shape_.kv_heads;
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < shape_.rows(); ++row) {
    const std::int64_t sequence = row / shape_.tokens, t = row % shape_.tokens;
    float* heads = projected_.data() + row * shape_.projected_width();
    for (std::int64_t h = 0; h < rotated; ++h) {
      rotate(heads + h * d, cosines_.data() + t * (d / 2), sines_.data() + t * (d / 2), d);
    }
    const std::int64_t position = shape_.kv_len - shape_.tokens + t;
    for (std::int64_t h = 0; h < shape_.kv_heads; ++h) {
      const std::int64_t at = ((sequence * shape_.kv_heads + h) * shape_.kv_len + position) * d;
      std::copy_n(heads + shape_.query_width() + h * d, d, keys_.data() + at);
      std::copy_n(heads + shape_.query_width() + shape_.kv_width() + h * d, d, values_.data() + at);
    }
  }
}

/// Prefill: a head's scores are a matrix.
void transformer_layer::attend_many() {
  const std::int64_t group = shape_.heads / shape_.kv_heads, d = shape_.head_dim;
  const auto tokens = static_cast<blasint>(shape_.tokens), kv = static_cast<blasint>(shape_.kv_len);
  const auto dim = static_cast<blasint>(d);
  const float scale = 1 / std::sqrt(static_cast<float>(d));
  for (std::int64_t sequence = 0; sequence < shape_.batch; ++sequence) {
    for (std::int64_t h = 0; h < shape_.heads; ++h) {
      const std::int64_t stored = (sequence * shape_.kv_heads + h / group) * shape_.kv_len * d;
      const float* queries = projected_.data() + sequence * shape_.tokens * shape_.projected_width() + h * d;
      float* attended = attended_.data() + sequence * shape_.tokens * shape_.query_width() + h * d;
      blas_.sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, tokens, kv, dim, scale, queries,
                  static_cast<blasint>(shape_.projected_width()), keys_.data() + stored, dim, 0, scores_.data(), kv);
#pragma omp parallel for schedule(static)
      for (std::int64_t t = 0; t < shape_.tokens; ++t) {
        softmax(scores_.data() + t * shape_.kv_len, shape_.kv_len - shape_.tokens + t + 1, shape_.kv_len);
      }
      blas_.sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, tokens, dim, kv, 1, scores_.data(), kv,
                  values_.data() + stored, dim, 0, attended, static_cast<blasint>(shape_.query_width()));
    }
  }
}

/// Decode: each key and value is read once for all query heads that share it.
void transformer_layer::attend_one() {
  const std::int64_t group = shape_.heads / shape_.kv_heads, d = shape_.head_dim;
  const float scale = 1 / std::sqrt(static_cast<float>(d));
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < shape_.batch * shape_.kv_heads; ++i) {
    const std::int64_t sequence = i / shape_.kv_heads, first = i % shape_.kv_heads * group;
    const float* queries = projected_.data() + sequence * shape_.projected_width() + first * d;
    float* scores = scores_.data() + (sequence * shape_.heads + first) * shape_.kv_len;
    float* attended = attended_.data() + sequence * shape_.query_width() + first * d;
    const std::int64_t stored = i * shape_.kv_len * d;
    for (std::int64_t p = 0; p < shape_.kv_len; ++p) {
      for (std::int64_t h = 0; h < group; ++h) {
        scores[h * shape_.kv_len + p] = scale * dot(queries + h * d, keys_.data() + stored + p * d, d);
      }
    }
    for (std::int64_t h = 0; h < group; ++h) softmax(scores + h * shape_.kv_len, shape_.kv_len, shape_.kv_len);
    std::fill_n(attended, group * d, 0.0F);
    for (std::int64_t p = 0; p < shape_.kv_len; ++p) {
      for (std::int64_t h = 0; h < group; ++h) {
        add_scaled(attended + h * d, scores[h * shape_.kv_len + p], values_.data() + stored + p * d, d);
      }
    }
  }
}

reference::transformer_sequence transformer_layer::sequence(std::int64_t index) const {
  reference::transformer_sequence result;
  result.shape = shape_;
  result.projection = weights_.projection.data();
  result.output = weights_.output.data();
  result.gate_up = weights_.gate_up.data();
  result.down = weights_.down.data();
  result.attention_norm = weights_.attention_norm.data();
  result.ffn_norm = weights_.ffn_norm.data();
  result.input = input_.data() + index * shape_.tokens * shape_.hidden;
  result.keys = keys_.data() + index * shape_.kv_width() * shape_.kv_len;
  result.values = values_.data() + index * shape_.kv_width() * shape_.kv_len;
  result.head_stride = shape_.kv_len * shape_.head_dim;
  result.position_stride = shape_.head_dim;
  result.stored = shape_.kv_len - shape_.tokens;
  return result;
}

void transformer_layer::run() {
  const std::int64_t rows = shape_.rows(), hidden = shape_.hidden, ffn = shape_.ffn;
  const auto normalize = [&](const aligned_array<float>& x, const std::vector<float>& scale) {
#pragma omp parallel for schedule(static)
    for (std::int64_t r = 0; r < rows; ++r) {
      rms_norm(x.data() + r * hidden, scale.data(), hidden, models::llama3_norm_epsilon, normed_.data() + r * hidden);
    }
  };
  normalize(input_, weights_.attention_norm);
  linear(normed_.data(), weights_.projection, hidden, shape_.projected_width(), projected_.data(), false);
  rotate_and_store();
  if (shape_.tokens == 1) {
    attend_one();
  } else {
    attend_many();
  }
  std::copy_n(input_.data(), input_.size(), middle_.data());
  linear(attended_.data(), weights_.output, shape_.query_width(), hidden, middle_.data(), true);
  normalize(middle_, weights_.ffn_norm);
  linear(normed_.data(), weights_.gate_up, hidden, 2 * ffn, gate_up_.data(), false);
#pragma omp parallel for schedule(static)
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* gate = gate_up_.data() + r * 2 * ffn;
    gated_silu(gate, gate + ffn, ffn, activated_.data() + r * ffn);
  }
  std::copy_n(middle_.data(), middle_.size(), output_.data());
  linear(activated_.data(), weights_.down, ffn, hidden, output_.data(), true);
}

}  // namespace gpubench::bench::host
