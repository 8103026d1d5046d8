#include "planner/training_operators.hpp"

#include "models/mixture_of_experts.hpp"
#include "models/transformer.hpp"

#include <string>
#include <utility>

namespace gpubench::planner {
namespace {

using models::network_operator;

bool starts_with(const std::string& text, const char* start) {
  return text.rfind(start, 0) == 0;
}

/// The same model with a dense block as wide as one expert.
models::transformer dense_of(const profiles::workload& what, std::int64_t layers) {
  models::transformer model = what.transformer;
  if (layers > 0) model.layers = layers;
  if (model.experts.experts > 0) {
    model.ffn = model.experts.ffn;
    model.experts = {};
  }
  return model;
}

/// Turns the dense block of every layer into the mixture.
std::vector<network_operator> with_experts(std::vector<network_operator> network, const profiles::workload& what,
                                           const training_slice& slice) {
  const models::expert_mixture& mixture = what.transformer.experts;
  if (mixture.experts == 0) return network;
  const std::int64_t tokens = slice.sequences * what.sequence_length;
  std::vector<network_operator> added;
  for (network_operator& op : network) {
    if (op.name == "activation" || op.name == "activation backward") {
      auto& stream = std::get<models::streaming>(op.shape);
      stream.bytes *= static_cast<double>(mixture.experts_per_token);
      stream.flop *= static_cast<double>(mixture.experts_per_token);
    } else if (starts_with(op.name, "feed-forward")) {
      auto& product = std::get<models::gemm>(op.shape);
      const bool of_weights = op.name.find("backward weights") != std::string::npos;
      const models::gemm grouped =
          models::grouped_gemm(mixture.experts, mixture.experts_per_token, tokens * slice.expert_parallel, product.n,
                               product.k, 1.0 / static_cast<double>(slice.expert_parallel));
      (of_weights ? product.k : product.m) = grouped.m;
      product.batch = grouped.batch;
      if (starts_with(op.name, "feed-forward up")) {
        const std::int64_t h = what.transformer.hidden, e = mixture.experts;
        // Every token's copies are written to their experts' order, and back: a read and a write each.
        const double moved = 2.0 * static_cast<double>(tokens * mixture.experts_per_token * h) *
                             models::bytes_per_element(models::activation_precision(op.precision));
        const models::gemm router = of_weights ? models::gemm{h, e, tokens} : models::gemm{tokens, e, h};
        added.push_back(
            {"router" + op.name.substr(std::string("feed-forward up").size()), router, op.precision, op.count});
        if (!of_weights)
          added.push_back(
              {"token order", models::streaming{2 * moved, 0}, models::activation_precision(op.precision), op.count});
      }
    }
  }
  network.insert(network.end(), added.begin(), added.end());
  return network;
}

}  // namespace

std::vector<network_operator> training_operators(const profiles::workload& what, const training_slice& slice,
                                                 bool recompute) {
  models::training_method method = what.training;
  method.recompute_activations = method.recompute_activations || recompute;
  return with_experts(
      models::transformer_forward_backward(dense_of(what, slice.layers), slice.sequences, what.sequence_length,
                                           slice.precision, method, slice.tensor_parallel),
      what, slice);
}

std::vector<network_operator> training_forward_operators(const profiles::workload& what, const training_slice& slice) {
  return with_experts(models::transformer_forward(dense_of(what, slice.layers), slice.sequences, what.sequence_length,
                                                  slice.precision, slice.tensor_parallel, true),
                      what, slice);
}

}  // namespace gpubench::planner
