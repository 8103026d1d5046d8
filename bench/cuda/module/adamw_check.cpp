#include "bench/cuda/module/adamw_check.hpp"

#include "kernels/element.hpp"

#include <cmath>
#include <cstddef>

#include "reference/transformer_gradients.hpp"

namespace gpubench::cuda {

namespace {

using kernels::storage;

float rounded(storage type, float value) {
  float result = value;
  kernels::with_element(
      type, [&](auto element) { result = kernels::to_float(kernels::from_float<decltype(element)>(value)); });
  return result;
}

}  // namespace

step_errors adamw_errors(storage type, const arena_sample& before, const arena_sample& after,
                         const kernels::adamw_rates& rates) {
  const auto wide = [](float value) { return static_cast<double>(value); };
  const reference::adamw_rates exact{wide(rates.learning_rate), wide(rates.beta1), wide(rates.beta2),
                                     wide(rates.epsilon), wide(rates.weight_decay)};
  // Two roundings of each term and one of the sum, and those of 1 - beta.
  constexpr double some = 6 * 0x1p-24;
  step_errors errors;
  errors.add("AdamW's steps", after.steps == before.steps + 1 ? 0 : INFINITY);
  for (std::size_t i = 0; i < after.weights.size(); ++i) {
    const double gradient = wide(after.gradients[i]);
    const reference::adamw_state state{wide(before.weights[i]), wide(before.first[i]), wide(before.second[i])};
    const auto expected = reference::adamw_step(state, gradient, exact, after.steps);
    const auto compare = [&](const char* what, float found, double value, double allowed) {
      const double distance = std::abs(wide(found) - value);
      errors.add(what, distance == 0 ? 0 : distance / allowed);
    };
    // Below fp32's normal numbers its steps are 2^-149.
    compare("AdamW's first moments", after.first[i], expected.first,
            some * (std::abs(state.first) + std::abs(gradient)) + 0x1p-148);
    compare("AdamW's second moments", after.second[i], expected.second,
            some * (state.second + gradient * gradient) + 0x1p-148);
    compare("AdamW's weights", after.weights[i], expected.weight,
            0x1p-24 * std::abs(expected.weight) + 0x1p-18 * std::abs(expected.weight - state.weight) + 0x1p-148);
    errors.add("copies of weights", after.copies[i] == rounded(type, after.weights[i]) ? 0 : INFINITY);
  }
  return errors;
}

}  // namespace gpubench::cuda
