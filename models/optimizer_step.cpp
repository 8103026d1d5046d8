#include "models/optimizer_step.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace gpubench::models {
namespace {

// One operator over all tensors.
struct pass_over_weights {
  const char* name;
  int lists;             // of tensors that a launch is given
  double read, written;  // of each value
};

constexpr pass_over_weights sgd_passes[] = {{"optimizer: step", 2, 2, 1}};
constexpr pass_over_weights momentum_passes[] = {
    {"optimizer: decay momentum", 1, 1, 1}, {"optimizer: add gradient", 2, 2, 1}, {"optimizer: step", 2, 2, 1}};
constexpr pass_over_weights adam_passes[] = {{"optimizer: first moment", 2, 2, 1},
                                             {"optimizer: decay second moment", 1, 1, 1},
                                             {"optimizer: add squared gradient", 3, 2, 1},
                                             {"optimizer: root", 2, 1, 1},
                                             {"optimizer: bias correction", 1, 1, 1},
                                             {"optimizer: epsilon", 1, 1, 1},
                                             {"optimizer: step", 3, 3, 1}};
constexpr pass_over_weights weight_decay = {"optimizer: weight decay", 1, 1, 1};

constexpr pass_over_weights fused_sgd = {"optimizer", 2, 2, 1};
constexpr pass_over_weights fused_momentum = {"optimizer", 3, 3, 2};
constexpr pass_over_weights fused_adam = {"optimizer", 4, 4, 3};

double launches(const trained_weights& weights, int lists) {
  // Tensors that fit a launch's arguments, by how many lists of them it takes; and blocks times values of each.
  constexpr double tensors_of_a_launch[] = {110, 64, 48, 36, 30};
  constexpr double values_of_a_launch = 320.0 * 65536;
  const double by_tensors = weights.tensors / tensors_of_a_launch[std::min(lists, 5) - 1];
  return std::max(1.0, std::ceil(std::max(by_tensors, weights.parameters / values_of_a_launch)));
}

network_operator launch_of(const pass_over_weights& pass, const trained_weights& weights, double bytes) {
  const double count = launches(weights, pass.lists);
  const double values = weights.parameters / count;
  return {pass.name, streaming{values * (pass.read + pass.written) * bytes, values * 2},
          bytes < 4 ? precision::bf16 : precision::fp32, count};
}

}  // namespace

std::vector<network_operator> optimizer_step(optimizer_kind kind, const trained_weights& weights, double bytes,
                                             bool fused) {
  std::vector<network_operator> step;
  if (kind == optimizer_kind::none || weights.parameters <= 0) return step;
  if (fused) {
    const auto& pass = kind == optimizer_kind::sgd        ? fused_sgd
                       : kind == optimizer_kind::momentum ? fused_momentum
                                                          : fused_adam;
    step.push_back(launch_of(pass, weights, bytes));
    return step;
  }
  std::span<const pass_over_weights> passes = adam_passes;
  if (kind == optimizer_kind::sgd) passes = sgd_passes;
  if (kind == optimizer_kind::momentum) passes = momentum_passes;
  if (kind == optimizer_kind::adamw) step.push_back(launch_of(weight_decay, weights, bytes));
  for (const auto& pass : passes) step.push_back(launch_of(pass, weights, bytes));
  return step;
}

network_operator unscale_gradients(const trained_weights& weights) {
  return launch_of({"gradient unscaling", 1, 1, 1}, weights, 4);
}

}  // namespace gpubench::models
