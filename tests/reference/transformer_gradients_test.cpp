// Gradients of a whole decoder layer, put together from those of its steps, against finite differences of its output.
#include "reference/transformer_gradients.hpp"

#include "kernels/attention_check.hpp"

#include <gtest/gtest.h>

#include <omp.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "reference/transformer.hpp"

namespace gpubench::reference {
namespace {

using vector = std::vector<double>;

std::vector<float> random(std::uint64_t operand, std::uint64_t rows, std::uint64_t columns, double centre,
                          double spread) {
  std::vector<float> values;
  for (std::uint64_t i = 0; i < rows * columns; ++i) {
    values.push_back(static_cast<float>(centre + spread * kernels::operand_value(operand, i)));
  }
  return values;
}

/// One sequence of five tokens; two query heads share one key head.
struct small_layer {
  models::transformer_layer_shape shape{1, 5, 5, 8, 2, 1, 4, 12};
  std::vector<float> projection = random(1, 16, 8, 0, 0.8);
  std::vector<float> output = random(2, 8, 8, 0, 0.6);
  std::vector<float> gate_up = random(3, 24, 8, 0, 0.6);
  std::vector<float> down = random(4, 8, 12, 0, 0.5);
  std::vector<float> attention_norm = random(5, 1, 8, 1, 0.5), ffn_norm = random(6, 1, 8, 1, 0.5);
  std::vector<float> input = random(7, 5, 8, 0, 1);
  std::vector<float> wanted = random(8, 5, 8, 0, 1);  ///< gradient of the output

  std::vector<std::vector<float>*> tensors() {
    return {&projection, &output, &gate_up, &down, &attention_norm, &ffn_norm, &input};
  }

  transformer_sequence sequence() const {
    transformer_sequence of;
    of.shape = shape;
    of.projection = projection.data();
    of.output = output.data();
    of.gate_up = gate_up.data();
    of.down = down.data();
    of.attention_norm = attention_norm.data();
    of.ffn_norm = ffn_norm.data();
    of.input = input.data();
    return of;
  }

  double loss() const {
    double sum = 0;
    for (std::size_t t = 0; t < 5; ++t) {
      const vector y = transformer_token(sequence(), static_cast<std::int64_t>(t));
      for (std::size_t i = 0; i < 8; ++i) sum += y[i] * static_cast<double>(wanted[t * 8 + i]);
    }
    return sum;
  }
};

vector row(const std::vector<float>& rows, std::size_t token, std::size_t width) {
  const auto first = rows.begin() + static_cast<std::ptrdiff_t>(token * width);
  return {first, first + static_cast<std::ptrdiff_t>(width)};
}

void append(std::vector<float>& to, const vector& values) {
  for (const double v : values) to.push_back(static_cast<float>(v));
}

void add(vector& to, const vector& values) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += values[i];
}

/// sum += gradient x', one token's share of a weight's gradient.
void add_product(vector& sum, const vector& gradient, const vector& x) {
  for (std::size_t o = 0; o < gradient.size(); ++o) {
    for (std::size_t i = 0; i < x.size(); ++i) sum[o * x.size() + i] += gradient[o] * x[i];
  }
}

/// In the order of small_layer::tensors().
std::vector<vector> gradients_of(const small_layer& layer) {
  const auto of = layer.sequence();
  const auto zeros = [](const std::vector<float>& like) { return vector(like.size()); };
  vector projection = zeros(layer.projection), output = zeros(layer.output), gate_up = zeros(layer.gate_up);
  vector down = zeros(layer.down), input = zeros(layer.input);
  vector attention_norm = zeros(layer.attention_norm), ffn_norm = zeros(layer.ffn_norm);

  std::vector<vector> sum_gradients;
  std::vector<float> q, k, v, o, attended_gradients;
  for (std::size_t t = 0; t < 5; ++t) {
    const auto token = static_cast<std::int64_t>(t);
    const vector query = transformer_query(of, token);
    const vector attended = transformer_attended(of, query, token);
    append(q, query);
    append(k, transformer_key(of, token));
    append(v, transformer_value(of, token));
    append(o, attended);

    vector sum = row(layer.input, t, 8);
    add(sum, linear(of.output, 0, 8, attended));
    const vector normed = rms_normalized(sum, of.ffn_norm);
    const vector both = linear(of.gate_up, 0, 24, normed);
    vector activated;
    for (std::size_t i = 0; i < 12; ++i) activated.push_back(both[i] / (1 + std::exp(-both[i])) * both[12 + i]);

    const vector given = row(layer.wanted, t, 8);
    add_product(down, given, activated);
    const vector both_gradient = gated_silu_gradient(both, linear_input_gradient(of.down, 12, given));
    add_product(gate_up, both_gradient, normed);
    const vector normed_gradient = linear_input_gradient(of.gate_up, 8, both_gradient);
    add(ffn_norm, rms_norm_scale_gradient(sum, normed_gradient));
    vector sum_gradient = rms_norm_input_gradient(sum, of.ffn_norm, normed_gradient);
    add(sum_gradient, given);
    add_product(output, sum_gradient, attended);
    append(attended_gradients, linear_input_gradient(of.output, 8, sum_gradient));
    sum_gradients.push_back(sum_gradient);
  }

  kernels::attention_problem p{kernels::storage::bf16, 1, 2, 1, 5, 5, 4, true};
  p.given = {nullptr, q.data(), k.data(), v.data(), attended_gradients.data(), o.data()};
  std::vector<float> statistics;
  for (std::int64_t head = 0; head < 2; ++head) {
    for (std::int64_t t = 0; t < 5; ++t) {
      statistics.push_back(static_cast<float>(kernels::reference_output(p, 0, head, t).statistic));
    }
  }
  p.given_statistics = statistics.data();
  for (std::size_t t = 0; t < 5; ++t) {
    const auto token = static_cast<std::int64_t>(t);
    vector gradient = kernels::reference_query_gradient(p, 0, 0, token).values;
    const vector second = kernels::reference_query_gradient(p, 0, 1, token).values;
    gradient.insert(gradient.end(), second.begin(), second.end());
    const auto keys = kernels::reference_key_gradients(p, 0, 0, token);
    gradient.insert(gradient.end(), keys.dk.values.begin(), keys.dk.values.end());
    turn_heads(gradient, 4, -token);  // queries and keys, not values
    gradient.insert(gradient.end(), keys.dv.values.begin(), keys.dv.values.end());

    const vector x = row(layer.input, t, 8);
    add_product(projection, gradient, rms_normalized(x, of.attention_norm));
    const vector normed_gradient = linear_input_gradient(of.projection, 8, gradient);
    add(attention_norm, rms_norm_scale_gradient(x, normed_gradient));
    vector x_gradient = rms_norm_input_gradient(x, of.attention_norm, normed_gradient);
    add(x_gradient, sum_gradients[t]);
    for (std::size_t i = 0; i < 8; ++i) input[t * 8 + i] = x_gradient[i];
  }
  return {projection, output, gate_up, down, attention_norm, ffn_norm, input};
}

TEST(transformer_gradients, of_every_weight_and_input_agree_with_finite_differences) {
  // Waiting for threads that tests running beside this one hold up would cost more than they save.
  omp_set_num_threads(1);
  small_layer layer;
  const auto gradients = gradients_of(layer);
  for (std::size_t n = 0; n < gradients.size(); ++n) {
    auto& tensor = *layer.tensors()[n];
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      const float before = tensor[i];
      const float high = before + 0x1p-12F, low = before - 0x1p-12F;
      tensor[i] = high;
      const double above = layer.loss();
      tensor[i] = low;
      const double below = layer.loss();
      tensor[i] = before;
      const double difference = (above - below) / (static_cast<double>(high) - static_cast<double>(low));
      // Attention was given floats; the rest is the differences' third order.
      EXPECT_NEAR(gradients[n][i], difference, 2e-5 * (1 + std::abs(difference))) << "tensor " << n << " entry " << i;
    }
  }
}

TEST(transformer_gradients, a_step_of_adamw_by_hand) {
  const adamw_rates rates{0.5, 0.5, 0.75, 0, 0.25};
  // First step: the corrected moments are the gradient and its square.
  const auto first = adamw_step({2, 0, 0}, -3, rates, 1);
  EXPECT_DOUBLE_EQ(first.first, -1.5);
  EXPECT_DOUBLE_EQ(first.second, 2.25);
  EXPECT_DOUBLE_EQ(first.weight, 2 - 0.5 * (-1 + 0.25 * 2));
  const auto second = adamw_step({2, -1.5, 2.25}, 1, rates, 2);
  EXPECT_DOUBLE_EQ(second.first, -0.25);
  EXPECT_DOUBLE_EQ(second.second, 1.9375);
  EXPECT_DOUBLE_EQ(second.weight, 2 - 0.5 * (-0.25 / 0.75 / std::sqrt(1.9375 / 0.4375) + 0.25 * 2));
}

}  // namespace
}  // namespace gpubench::reference
