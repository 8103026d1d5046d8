#pragma once

#include "kernels/operands.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gpubench::kernels {

inline constexpr std::uint64_t attention_q = 1, attention_k = 2, attention_v = 3, attention_do = 4, attention_o = 5,
                               attention_noise = 6;

/// O = softmax(Q K^T / sqrt(head_dim)) V with Q, K, V, and for the gradients dO and O, random or given: operands 1 to
/// 5, laid out batch, token, head, feature. For the gradients the statistics (log of the sum of exponentials) are
/// random too, about log(kv_len), or given, batch, head, token: each gradient is a function of what it is given, and is
/// checked as such.
struct attention_problem {
  storage type = storage::bf16;
  std::int64_t batch = 1, heads = 1, kv_heads = 1, q_len = 1, kv_len = 1, head_dim = 1;
  bool causal = false;
  /// By operand; null: random. Values that the type holds exactly.
  std::array<const float*, 6> given{};
  const float* given_statistics = nullptr;

  /// Causal: the last query sees every key, each one before it one key less.
  bool sees(std::int64_t query, std::int64_t key) const { return !causal || key <= query + kv_len - q_len; }
  double scale() const { return 1 / std::sqrt(static_cast<double>(head_dim)); }
  std::int64_t group() const { return heads / kv_heads; }
  double value(std::uint64_t operand, std::uint64_t index) const {
    const float* values = given[static_cast<std::size_t>(operand)];
    return values != nullptr ? static_cast<double>(values[index]) : stored_operand(type, operand, index);
  }
};

inline std::uint64_t token_index(std::int64_t tokens, std::int64_t heads, std::int64_t features, std::int64_t batch,
                                 std::int64_t token, std::int64_t head) {
  return static_cast<std::uint64_t>(((batch * tokens + token) * heads + head) * features);
}

/// Statistics as the gradients are given them; index = (batch * heads + head) * q_len + query.
inline float attention_statistic(const attention_problem& p, std::uint64_t index) {
  if (p.given_statistics != nullptr) return p.given_statistics[index];
  return static_cast<float>(std::log(static_cast<double>(p.kv_len)) + operand_value(attention_noise, index));
}

/// Values of one row and the largest deviation of each that rounding explains.
struct checked_row {
  std::vector<double> values, bounds;

  /// Worst deviation of `found` in units of its bound; NaN where something is NaN.
  double error_of(const std::vector<double>& found) const {
    double worst = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double error = std::abs(found[i] - values[i]) / bounds[i];
      if (worst == worst && !(error <= worst)) worst = error;
    }
    return worst;
  }
};

/// Sums weighted rows as a flash-attention kernel does: the weights rounded to the type before the product, which errs
/// like a random walk (8 units of the root of the squares); sums in fp32 on tensor cores, which truncate once for every
/// 4 products; exponentials and scores good to about 2^-16 (fp32 products over the features, and the hardware's
/// exponential); and the result rounded once to the type.
class weighted_rows {
 public:
  explicit weighted_rows(const attention_problem& of)
      : of_(of), sum_(static_cast<std::size_t>(of.head_dim)), squares_(sum_), absolute_(sum_) {}

  /// @param weight  of the row
  /// @param blur    absolute uncertainty of the weight besides its rounding
  void add(double weight, double blur, std::uint64_t operand, std::uint64_t first) {
    // Below its normal numbers fp16 rounds as coarsely as at the smallest of them.
    const double rounded_as = std::max(std::abs(weight), of_.type == storage::fp16 ? std::ldexp(1.0, -14) : 0);
    for (std::size_t d = 0; d < sum_.size(); ++d) {
      const double value = of_.value(operand, first + d);
      sum_[d] += weight * value;
      squares_[d] += rounded_as * rounded_as * value * value;
      absolute_[d] += blur * std::abs(value);
    }
    ++rows_;
  }

  checked_row take() const {
    const double u = std::ldexp(1.0, -significand_bits(of_.type));
    const double least = of_.type == storage::fp16 ? std::ldexp(1.0, -25) : 0;
    checked_row result{sum_, sum_};
    for (std::size_t d = 0; d < sum_.size(); ++d) {
      const double root = std::sqrt(squares_[d]);
      const double sums = (8 * u + static_cast<double>(rows_) / 4 * std::ldexp(1.0, -23)) * root;
      result.bounds[d] = u * std::abs(sum_[d]) + least + sums + absolute_[d];
    }
    return result;
  }

 private:
  const attention_problem& of_;
  std::vector<double> sum_, squares_, absolute_;
  std::int64_t rows_ = 0;
};

inline double dot(const attention_problem& p, std::uint64_t one, std::uint64_t at, std::uint64_t other,
                  std::uint64_t there) {
  double sum = 0;
  for (std::int64_t d = 0; d < p.head_dim; ++d) {
    const auto offset = static_cast<std::uint64_t>(d);
    sum += p.value(one, at + offset) * p.value(other, there + offset);
  }
  return sum;
}

inline std::uint64_t query_at(const attention_problem& p, std::int64_t batch, std::int64_t head, std::int64_t query) {
  return token_index(p.q_len, p.heads, p.head_dim, batch, query, head);
}
inline std::uint64_t key_at(const attention_problem& p, std::int64_t batch, std::int64_t kv_head, std::int64_t key) {
  return token_index(p.kv_len, p.kv_heads, p.head_dim, batch, key, kv_head);
}
inline double attention_score(const attention_problem& p, std::int64_t batch, std::int64_t head, std::int64_t query,
                              std::int64_t key) {
  return p.scale() *
         dot(p, attention_q, query_at(p, batch, head, query), attention_k, key_at(p, batch, head / p.group(), key));
}

/// Relative uncertainty of exponentials, and of what is computed from them.
inline constexpr double attention_blur = 1.0 / 65536;

/// One query's output, and the log of its sum of exponentials.
struct attention_output {
  checked_row row;
  double statistic = 0;
};
inline attention_output reference_output(const attention_problem& p, std::int64_t batch, std::int64_t head,
                                         std::int64_t query) {
  std::vector<double> scores;
  double largest = -1e300;
  for (std::int64_t key = 0; key < p.kv_len; ++key) {
    if (!p.sees(query, key)) break;
    scores.push_back(attention_score(p, batch, head, query, key));
    largest = std::max(largest, scores.back());
  }
  double sum = 0;
  for (const double score : scores) sum += std::exp(score - largest);
  weighted_rows rows(p);
  for (std::size_t key = 0; key < scores.size(); ++key) {
    const double weight = std::exp(scores[key] - largest) / sum;
    rows.add(weight, attention_blur * weight, attention_v,
             key_at(p, batch, head / p.group(), static_cast<std::int64_t>(key)));
  }
  return {rows.take(), largest + std::log(sum)};
}

/// P and dS of one query and key, as the gradients are given their row's statistics and O.
struct attention_weight {
  double p = 0, ds = 0;
  double ds_blur = 0;  ///< absolute uncertainty of ds: dP and its row's sum are large against their difference
};
/// @param row_sum  sum of dO O over the features
inline attention_weight reference_weight(const attention_problem& p, std::int64_t batch, std::int64_t head,
                                         std::int64_t query, std::int64_t key, double row_sum) {
  const auto row = static_cast<std::uint64_t>((batch * p.heads + head) * p.q_len + query);
  attention_weight result;
  result.p = std::exp(attention_score(p, batch, head, query, key) - attention_statistic(p, row));
  const double dp =
      dot(p, attention_do, query_at(p, batch, head, query), attention_v, key_at(p, batch, head / p.group(), key));
  result.ds = result.p * (dp - row_sum) * p.scale();
  result.ds_blur = 4 * attention_blur * result.p * (std::abs(dp) + std::abs(row_sum) + 1) * p.scale();
  return result;
}

inline double reference_row_sum(const attention_problem& p, std::int64_t batch, std::int64_t head, std::int64_t query) {
  const auto at = query_at(p, batch, head, query);
  return dot(p, attention_do, at, attention_o, at);
}

inline checked_row reference_query_gradient(const attention_problem& p, std::int64_t batch, std::int64_t head,
                                            std::int64_t query) {
  const double row_sum = reference_row_sum(p, batch, head, query);
  weighted_rows rows(p);
  for (std::int64_t key = 0; key < p.kv_len; ++key) {
    if (!p.sees(query, key)) break;
    const auto weight = reference_weight(p, batch, head, query, key, row_sum);
    rows.add(weight.ds, weight.ds_blur, attention_k, key_at(p, batch, head / p.group(), key));
  }
  return rows.take();
}

/// Gradients of one key and of its value: sums over all queries that see it, of all heads that share it.
struct key_gradients {
  checked_row dk, dv;
};
inline key_gradients reference_key_gradients(const attention_problem& p, std::int64_t batch, std::int64_t kv_head,
                                             std::int64_t key) {
  key_gradients all{{std::vector<double>(static_cast<std::size_t>(p.head_dim)), {}}, {}};
  all.dk.bounds = all.dk.values;
  all.dv = all.dk;
  const double u = std::ldexp(1.0, -significand_bits(p.type));
  // Each head's share is rounded to the type before the heads are added, and the sum once more.
  const auto add_head = [&](checked_row& sum, const checked_row& share) {
    for (std::size_t d = 0; d < sum.values.size(); ++d) {
      sum.values[d] += share.values[d];
      sum.bounds[d] += share.bounds[d] + u * std::abs(share.values[d]);
    }
  };
  for (std::int64_t head = kv_head * p.group(); head < (kv_head + 1) * p.group(); ++head) {
    weighted_rows dk(p), dv(p);
    for (std::int64_t query = 0; query < p.q_len; ++query) {
      if (!p.sees(query, key)) continue;
      const auto weight = reference_weight(p, batch, head, query, key, reference_row_sum(p, batch, head, query));
      const auto at = query_at(p, batch, head, query);
      dk.add(weight.ds, weight.ds_blur, attention_q, at);
      dv.add(weight.p, attention_blur * weight.p, attention_do, at);
    }
    add_head(all.dk, dk.take());
    add_head(all.dv, dv.take());
  }
  return all;
}

}  // namespace gpubench::kernels
