#include "reference/transformer_gradients.hpp"

#include "models/transformer_layer.hpp"

#include <cmath>
#include <cstddef>

#include "reference/vector_clones.hpp"

namespace gpubench::reference {
namespace {

using vector = std::vector<double>;

GPUBENCH_VECTOR_CLONES void add_multiple(double factor, const float* w, double* sum, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) sum[i] += factor * static_cast<double>(w[i]);
}

double root_mean_square(const vector& x) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  return std::sqrt(squares / static_cast<double>(x.size()) + static_cast<double>(models::llama3_norm_epsilon));
}

}  // namespace

vector linear_input_gradient(const float* weights, std::int64_t width, const vector& gradient) {
  vector result(static_cast<std::size_t>(width));
  // Threads take columns, so that each sum is one thread's.
  constexpr std::int64_t part = 512;
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < width; first += part) {
    const std::int64_t size = first + part < width ? part : width - first;
    for (std::size_t row = 0; row < gradient.size(); ++row) {
      add_multiple(gradient[row], weights + static_cast<std::int64_t>(row) * width + first, result.data() + first,
                   size);
    }
  }
  return result;
}

/// With r = rms(x): dx_i = g_i s_i / r - x_i sum_j(g_j s_j x_j) / (size r^3).
vector rms_norm_input_gradient(const vector& x, const float* scale, const vector& gradient) {
  const double root = root_mean_square(x);
  double along = 0;
  for (std::size_t i = 0; i < x.size(); ++i) along += gradient[i] * static_cast<double>(scale[i]) * x[i];
  vector result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    result[i] = gradient[i] * static_cast<double>(scale[i]) / root -
                x[i] * along / (static_cast<double>(x.size()) * root * root * root);
  }
  return result;
}

vector rms_norm_scale_gradient(const vector& x, const vector& gradient) {
  const double root = root_mean_square(x);
  vector result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result[i] = gradient[i] * x[i] / root;
  return result;
}

vector gated_silu_gradient(const vector& gate_up, const vector& gradient) {
  vector result(gate_up.size());
  const std::size_t size = gradient.size();
  for (std::size_t i = 0; i < size; ++i) {
    const double gate = gate_up[i], up = gate_up[size + i];
    const double sigmoid = 1 / (1 + std::exp(-gate));
    result[i] = gradient[i] * up * (sigmoid + gate * sigmoid * (1 - sigmoid));
    result[size + i] = gradient[i] * gate * sigmoid;
  }
  return result;
}

adamw_state adamw_step(const adamw_state& before, double gradient, const adamw_rates& rates, std::int64_t step) {
  const double first = rates.beta1 * before.first + (1 - rates.beta1) * gradient;
  const double second = rates.beta2 * before.second + (1 - rates.beta2) * gradient * gradient;
  const auto steps = static_cast<double>(step);
  const double mean = first / (1 - std::pow(rates.beta1, steps));
  const double square = second / (1 - std::pow(rates.beta2, steps));
  const double decay = rates.weight_decay * before.weight;
  return {before.weight - rates.learning_rate * (mean / (std::sqrt(square) + rates.epsilon) + decay), first, second};
}

}  // namespace gpubench::reference
