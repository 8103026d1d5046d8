#include "kernels/attention_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace gpubench::kernels {
namespace {

attention_problem small(bool causal) {
  return {storage::bf16, 2, 4, 2, 5, 7, 8, causal};
}

/// A matrix tokens x features of one head.
std::vector<std::vector<double>> head_of(const attention_problem& p, std::uint64_t operand, std::int64_t tokens,
                                         std::int64_t heads, std::int64_t batch, std::int64_t head) {
  std::vector<std::vector<double>> result;
  for (std::int64_t t = 0; t < tokens; ++t) {
    auto& row = result.emplace_back();
    const std::uint64_t first = static_cast<std::uint64_t>(((batch * tokens + t) * heads + head) * p.head_dim);
    for (std::int64_t d = 0; d < p.head_dim; ++d) {
      row.push_back(stored_operand(p.type, operand, first + static_cast<std::uint64_t>(d)));
    }
  }
  return result;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(attention_check, outputs_are_softmax_weighted_values) {
  for (const bool causal : {false, true}) {
    const auto p = small(causal);
    const std::int64_t batch = 1, head = 3;
    const auto q = head_of(p, attention_q, p.q_len, p.heads, batch, head);
    const auto k = head_of(p, attention_k, p.kv_len, p.kv_heads, batch, 1);  // heads 2 and 3 share key head 1
    const auto v = head_of(p, attention_v, p.kv_len, p.kv_heads, batch, 1);
    for (std::size_t i = 0; i < q.size(); ++i) {
      double sum = 0;
      std::vector<double> out(8);
      for (std::size_t j = 0; j < k.size(); ++j) {
        if (causal && j > i + 2) continue;  // 7 keys for 5 queries: the last query sees all, the first three
        const double e = std::exp(product(q[i], k[j]) / std::sqrt(8.0));
        sum += e;
        for (std::size_t d = 0; d < 8; ++d) out[d] += e * v[j][d];
      }
      const auto found = reference_output(p, batch, head, static_cast<std::int64_t>(i));
      for (std::size_t d = 0; d < 8; ++d) EXPECT_NEAR(found.row.values[d], out[d] / sum, 1e-12);
      EXPECT_NEAR(found.statistic, std::log(sum), 1e-12);
    }
  }
}

/// Loss sum(dO * O) with P = exp(score - statistic) as the gradients take it, and the softmax's correction through O.
struct numeric_gradient {
  attention_problem p;
  std::int64_t batch, kv_head;

  /// Gradient of one head's keys by the definition: dK = scale * dS^T Q, dS = P * (dO V^T - rowsum(dO * O)).
  std::vector<std::vector<double>> keys(bool of_values) const {
    std::vector<std::vector<double>> sum(static_cast<std::size_t>(p.kv_len), std::vector<double>(8));
    for (std::int64_t head = kv_head * p.group(); head < (kv_head + 1) * p.group(); ++head) {
      const auto q = head_of(p, attention_q, p.q_len, p.heads, batch, head);
      const auto k = head_of(p, attention_k, p.kv_len, p.kv_heads, batch, kv_head);
      const auto v = head_of(p, attention_v, p.kv_len, p.kv_heads, batch, kv_head);
      const auto o = head_of(p, attention_o, p.q_len, p.heads, batch, head);
      const auto d_o = head_of(p, attention_do, p.q_len, p.heads, batch, head);
      for (std::size_t i = 0; i < q.size(); ++i) {
        const auto row = static_cast<std::uint64_t>((batch * p.heads + head) * p.q_len) + i;
        for (std::size_t j = 0; j < k.size(); ++j) {
          if (p.causal && j > i + 2) continue;
          const double weight = std::exp(product(q[i], k[j]) / std::sqrt(8.0) - attention_statistic(p, row));
          const double ds = weight * (product(d_o[i], v[j]) - product(d_o[i], o[i])) / std::sqrt(8.0);
          for (std::size_t d = 0; d < 8; ++d) sum[j][d] += of_values ? weight * d_o[i][d] : ds * q[i][d];
        }
      }
    }
    return sum;
  }
};

TEST(attention_check, key_and_value_gradients_sum_over_the_heads_that_share_them) {
  for (const bool causal : {false, true}) {
    const numeric_gradient expected{small(causal), 0, 1};
    const auto dk = expected.keys(false), dv = expected.keys(true);
    for (std::size_t j = 0; j < dk.size(); ++j) {
      const auto found = reference_key_gradients(expected.p, 0, 1, static_cast<std::int64_t>(j));
      for (std::size_t d = 0; d < 8; ++d) {
        EXPECT_NEAR(found.dk.values[d], dk[j][d], 1e-12);
        EXPECT_NEAR(found.dv.values[d], dv[j][d], 1e-12);
      }
    }
  }
}

TEST(attention_check, query_gradients_follow_the_same_weights) {
  const auto p = small(true);
  const auto k = head_of(p, attention_k, p.kv_len, p.kv_heads, 1, 0);
  for (std::int64_t query = 0; query < p.q_len; ++query) {
    const double row_sum = reference_row_sum(p, 1, 1, query);
    std::vector<double> dq(8);
    for (std::size_t j = 0; j < k.size(); ++j) {
      if (static_cast<std::int64_t>(j) > query + 2) continue;
      const auto weight = reference_weight(p, 1, 1, query, static_cast<std::int64_t>(j), row_sum);
      for (std::size_t d = 0; d < 8; ++d) dq[d] += weight.ds * k[j][d];
    }
    const auto found = reference_query_gradient(p, 1, 1, query);
    for (std::size_t d = 0; d < 8; ++d) EXPECT_NEAR(found.values[d], dq[d], 1e-12);
  }
}

/// As a flash-attention kernel computes it: weights rounded to the type, fp32 sums, one rounding at the end.
std::vector<double> computed_output(const attention_problem& p, std::int64_t query, std::int64_t leave_out_from,
                                    std::int64_t leave_out_count) {
  std::vector<float> out(static_cast<std::size_t>(p.head_dim));
  float sum = 0;
  for (std::int64_t key = 0; key < p.kv_len; ++key) {
    if (!p.sees(query, key)) break;
    if (key >= leave_out_from && key < leave_out_from + leave_out_count) continue;
    const float e = std::exp(static_cast<float>(attention_score(p, 0, 0, query, key)) - 1.0f);
    sum += e;
    const float rounded = p.type == storage::bf16 ? from_bf16(to_bf16(e)) : from_fp16(to_fp16(e));
    for (std::size_t d = 0; d < out.size(); ++d) {
      out[d] += rounded * static_cast<float>(stored_operand(p.type, attention_v, key_at(p, 0, 0, key) + d));
    }
  }
  std::vector<double> result;
  for (const float value : out) {
    const float mean = value / sum;
    result.push_back(p.type == storage::bf16 ? from_bf16(to_bf16(mean)) : from_fp16(to_fp16(mean)));
  }
  return result;
}

TEST(attention_check, careful_kernels_stay_within_the_bound) {
  for (const storage type : {storage::fp16, storage::bf16}) {
    const attention_problem p{type, 1, 1, 1, 1024, 1024, 64, true};
    for (const std::int64_t query : {0, 1, 5, 100, 1023}) {
      const auto expected = reference_output(p, 0, 0, query).row;
      EXPECT_LE(expected.error_of(computed_output(p, query, 0, 0)), 1) << query;
    }
  }
}

TEST(attention_check, a_tile_left_out_and_a_mask_off_by_one_are_noticed) {
  for (const storage type : {storage::fp16, storage::bf16}) {
    const attention_problem p{type, 1, 1, 1, 4096, 4096, 64, true};
    const auto whole = reference_output(p, 0, 0, 4095).row;
    EXPECT_GT(whole.error_of(computed_output(p, 4095, 1024, 64)), 1);
    const auto second = reference_output(p, 0, 0, 1).row;
    EXPECT_GT(second.error_of(computed_output(p, 0, 0, 0)), 1);
    EXPECT_GT(second.error_of(computed_output(p, 2, 0, 0)), 1);
  }
}

/// Rounds to nearest, with fp16's subnormal numbers, which to_fp16() does without.
float narrowed(storage type, double value) {
  if (type == storage::bf16) return from_bf16(to_bf16(static_cast<float>(value)));
  int exponent = 0;
  std::frexp(value, &exponent);
  const int step = std::max(exponent - 11, -24);
  return static_cast<float>(std::ldexp(std::nearbyint(std::ldexp(value, -step)), step));
}

/// A gradient's row as a kernel computes it: weights rounded to the type, fp32 sums, one rounding at the end.
std::vector<double> computed_gradient(const attention_problem& p, std::int64_t row, bool of_queries, bool of_values,
                                      std::int64_t leave_out_from = 0, std::int64_t leave_out_count = 0) {
  std::vector<float> sum(static_cast<std::size_t>(p.head_dim));
  for (std::int64_t other = 0; other < (of_queries ? p.kv_len : p.q_len); ++other) {
    const std::int64_t query = of_queries ? row : other, key = of_queries ? other : row;
    if (!p.sees(query, key)) continue;
    if (other >= leave_out_from && other < leave_out_from + leave_out_count) continue;
    const auto weight = reference_weight(p, 0, 0, query, key, static_cast<float>(reference_row_sum(p, 0, 0, query)));
    const float rounded = narrowed(p.type, of_values ? weight.p : weight.ds);
    const auto at = of_queries ? key_at(p, 0, 0, key) : query_at(p, 0, 0, query);
    const auto operand = of_queries ? attention_k : of_values ? attention_do : attention_q;
    for (std::size_t d = 0; d < sum.size(); ++d) {
      sum[d] += rounded * static_cast<float>(stored_operand(p.type, operand, at + d));
    }
  }
  std::vector<double> result;
  for (const float value : sum) result.push_back(narrowed(p.type, value));
  return result;
}

TEST(attention_check, careful_gradients_stay_within_the_bound_and_a_tile_left_out_does_not) {
  for (const storage type : {storage::fp16, storage::bf16}) {
    const attention_problem p{type, 1, 1, 1, 1024, 1024, 64, true};
    for (const std::int64_t row : {0, 3, 500, 1023}) {
      const auto dq = reference_query_gradient(p, 0, 0, row);
      EXPECT_LE(dq.error_of(computed_gradient(p, row, true, false)), 1) << row;
      const auto keys = reference_key_gradients(p, 0, 0, row);
      EXPECT_LE(keys.dk.error_of(computed_gradient(p, row, false, false)), 1) << row;
      EXPECT_LE(keys.dv.error_of(computed_gradient(p, row, false, true)), 1) << row;
    }
    const auto dq = reference_query_gradient(p, 0, 0, 1023);
    EXPECT_GT(dq.error_of(computed_gradient(p, 1023, true, false, 256, 64)), 1);
    const auto keys = reference_key_gradients(p, 0, 0, 100);
    EXPECT_GT(keys.dk.error_of(computed_gradient(p, 100, false, false, 256, 64)), 1);
    EXPECT_GT(keys.dv.error_of(computed_gradient(p, 100, false, true, 256, 64)), 1);
  }
}

TEST(attention_check, given_tensors_take_the_place_of_random_ones) {
  const auto random = small(true);
  auto given = random;
  std::array<std::vector<float>, 6> tensors;
  for (std::uint64_t operand = 1; operand < 6; ++operand) {
    auto& values = tensors[static_cast<std::size_t>(operand)];
    // As many as the larger of queries and keys have; twice what the other one has.
    for (std::uint64_t i = 0; i < 2 * 7 * 4 * 8; ++i) {
      values.push_back(2 * static_cast<float>(random.value(operand, i)));
    }
    given.given[static_cast<std::size_t>(operand)] = values.data();
  }
  const std::vector<float> statistics(2 * 4 * 5, 9);
  given.given_statistics = statistics.data();
  EXPECT_EQ(given.value(attention_k, 3), 2 * random.value(attention_k, 3));
  EXPECT_EQ(attention_statistic(given, 7), 9);
  // Scores four times as large, gradients of the output and values twice.
  const auto weight = reference_weight(given, 1, 2, 3, 4, 0);
  EXPECT_NEAR(weight.p, std::exp(4 * attention_score(random, 1, 2, 3, 4) - 9), 1e-12);
  EXPECT_NEAR(reference_row_sum(given, 1, 2, 3), 4 * reference_row_sum(random, 1, 2, 3), 1e-12);
  // The first query sees three keys of the first head.
  const auto output = reference_output(given, 0, 0, 0);
  EXPECT_NE(output.statistic, reference_output(random, 0, 0, 0).statistic);
}

TEST(attention_check, unwritten_rows_fail) {
  const auto expected = reference_output(small(false), 0, 0, 0).row;
  std::vector<double> found = expected.values;
  EXPECT_LE(expected.error_of(found), 1);
  found[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(expected.error_of(found) <= 1);
}

}  // namespace
}  // namespace gpubench::kernels
