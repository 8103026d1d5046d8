#include "predictor/kernel_list_case.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "models/optimizer_step.hpp"

#include <fmt/format.h>

#include <vector>

#include "predictor/network_time.hpp"
#include "predictor/operator_case.hpp"

namespace gpubench::predictor {
namespace {

using models::optimizer_kind;
using models::precision;

struct known_optimizer {
  std::string_view name;
  optimizer_kind kind;
  int states;          ///< values that it keeps of each weight
  bool norms = false;  ///< of weights and updates, each read once more
};

constexpr known_optimizer optimizers[] = {
    {"sgd", optimizer_kind::sgd, 0},
    {"momentum", optimizer_kind::momentum, 1},
    {"sgd_momentum", optimizer_kind::momentum, 1},
    {"adam", optimizer_kind::adam, 2},
    {"adamw", optimizer_kind::adamw, 2},
    {"lamb", optimizer_kind::adamw, 2, true},
    {"lion", optimizer_kind::momentum, 1},
    {"adagrad", optimizer_kind::momentum, 1},
    {"rmsprop", optimizer_kind::momentum, 1},
};

constexpr double most_parameters = 1e14;
constexpr double master_bytes = 4;
constexpr double scale_bytes_of_int8 = 4.0 / 256;

const known_optimizer* find_optimizer(const std::string& name) {
  for (const known_optimizer& o : optimizers) {
    if (o.name == name) return &o;
  }
  return nullptr;
}

const known_optimizer& optimizer_of(const std::string& op, const case_parameters& p) {
  if (const known_optimizer* found = find_optimizer(op)) return *found;
  const std::string name = to_lower(p.text("kind", "adamw"));
  if (const known_optimizer* found = find_optimizer(name)) return *found;
  std::vector<std::string> names;
  for (const known_optimizer& o : optimizers) names.emplace_back(o.name);
  const std::string near = suggestion(name, names);
  p.refuse("kind", "is no optimiser that is known", near.empty() ? join(names, ", ") : near);
}

/// Bytes of a value of the optimiser's state.
double state_bytes_of(const case_parameters& p, double otherwise) {
  const auto name = p.find("state");
  if (!name) return otherwise;
  const auto type = models::parse_precision(type_name(*name));
  if (!type) p.refuse("state", "is no type", "fp32, bf16, fp16, fp8 or int8");
  return models::bytes_per_element(*type) + (*type == precision::int8 ? scale_bytes_of_int8 : 0);
}

std::vector<models::network_operator> optimizer_kernels(const prediction_case& what, const case_parameters& p,
                                                        const known_optimizer& optimizer, precision type,
                                                        double memory_bytes) {
  models::trained_weights weights;
  weights.parameters = p.number("parameters");
  if (!(weights.parameters >= 1) || weights.parameters > most_parameters)
    p.refuse("parameters", "is not a number of weights from 1 on");
  weights.tensors = static_cast<double>(p.size("tensors", 1));
  const double bytes = models::bytes_per_element(type);
  const bool master = p.flag("master", false);
  // Beside weights that are kept in fp32 the moments are too, unless it is said otherwise.
  const double state_bytes = state_bytes_of(p, master ? master_bytes : bytes);
  const double held = weights.parameters * (2 * bytes + optimizer.states * state_bytes + (master ? master_bytes : 0));
  if (held > memory_bytes)
    throw error(error_kind::infeasible, what.position,
                fmt::format("weights, gradients and state need {}, the GPU has {}", format_bytes(held),
                            format_bytes(memory_bytes)),
                "fewer parameters (a rank's share), or a narrower state");
  const bool mixed = p.has("state") || master;
  const bool fused = p.flag("fused", mixed);
  if (mixed && !fused) p.refuse("fused", "is for one precision", "a state of another type is updated by one kernel");
  if (!mixed) {
    auto step = models::optimizer_step(optimizer.kind, weights, bytes, fused);
    if (optimizer.norms)
      step.push_back(
          {"optimizer: norms", models::streaming{weights.parameters * 2 * bytes, weights.parameters * 4}, type, 1});
    return step;
  }
  const double moved = (master ? 2 * bytes + 2 * master_bytes : 3 * bytes) + 2 * optimizer.states * state_bytes +
                       (optimizer.norms ? 2 * bytes : 0);
  return {{"optimizer", models::streaming{weights.parameters * moved, weights.parameters * 12}, type, 1}};
}

std::vector<models::network_operator> embedding_gradient(const case_parameters& p, precision type) {
  const auto rows = static_cast<double>(p.has("tokens") ? p.size("tokens") : p.size("rows"));
  const auto cols = static_cast<double>(p.has("hidden") ? p.size("hidden") : p.size("cols"));
  const auto vocabulary = static_cast<double>(p.size("vocab"));
  const double bytes = models::bytes_per_element(type);
  const double touched = distinct_rows(rows, vocabulary);
  constexpr double index_bytes = 8;
  return {{"clear", models::streaming{vocabulary * cols * bytes, 0}, type, 1},
          {"add", models::streaming{(rows + 2 * touched) * cols * bytes + rows * index_bytes, rows * cols}, type, 1}};
}

bool is_gradient(const std::string& op, const case_parameters& parameters) {
  return op == "embedding" && parameters.flag("backward", false);
}

}  // namespace

bool is_kernel_list(const std::string& op, const case_parameters& parameters) {
  return op == "optimizer" || op == "optimiser" || find_optimizer(op) || is_gradient(op, parameters);
}

std::optional<case_answer> kernel_list_case(const std::string& op, const prediction_case& what,
                                            const case_parameters& parameters, const gpu_model& model,
                                            double memory_bytes) {
  if (!is_kernel_list(op, parameters)) return std::nullopt;
  const precision type = operator_precision(what);
  const std::vector<models::network_operator> kernels =
      is_gradient(op, parameters)
          ? embedding_gradient(parameters, type)
          : optimizer_kernels(what, parameters, optimizer_of(op, parameters), type, memory_bytes);
  const bool eager = launch_from(parameters, type == precision::fp32) == launch::eager;
  return in_time_unit(eager ? network_time(kernels, model, eager_dispatch) : device_time(kernels, model).total(), what);
}

}  // namespace gpubench::predictor
