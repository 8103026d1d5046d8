#include "models/communication.hpp"

#include "models/lowering.hpp"
#include "models/transformer_shape.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::models {
namespace {

using kind = communication::kind;

constexpr double gradient_bucket_bytes = 25 * 1024 * 1024;

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

void add(std::vector<communication>& all, const communication& one) {
  if (one.ranks > 1 && one.count > 0) all.push_back(one);
}

}  // namespace

std::vector<communication> communications(const network_request& request, std::int64_t data_parallel) {
  require_valid(request);
  const double layers =
      to_double(stage_layers(request.shape.layers, request.pipeline_stages, request.pipeline_stage).count());
  const double elements = to_double(request.batch * request.sequence) * to_double(request.shape.hidden);
  const double bytes = elements * bytes_per_element(matrix_precision(request.numerics));
  const double passes = request.trains() ? 2 : 1;
  std::vector<communication> all;
  add(all, {"sum of blocks", kind::all_reduce, bytes, request.tensor_parallel, 2 * layers * passes});
  if (request.first_stage()) add(all, {"sum of embeddings", kind::all_reduce, bytes, request.tensor_parallel, 1});
  if (!request.last_stage()) add(all, {"next stage", kind::point_to_point, bytes, request.pipeline_stages, passes});
  if (request.trains() && data_parallel > 1) {
    const double gradients = device_parameters(request) * bytes_per_element(stored_precision(request.numerics));
    const double buckets = std::max(1.0, std::ceil(gradients / gradient_bucket_bytes));
    add(all, {"sum of gradients", kind::all_reduce, gradients / buckets, data_parallel, buckets});
  }
  return all;
}

std::vector<communication> communications(const serving_step& step) {
  const auto& layout = step.layout;
  const auto& model = step.model;
  const auto range = stage_layers(model.layers, layout.pipeline_stages, layout.pipeline_stage);
  const std::int64_t sequences = (step.sequences + layout.attention_data - 1) / layout.attention_data;
  const double hidden = to_double(model.hidden) * bytes_per_element(step.activations);
  const double group_bytes = to_double(sequences * step.tokens) * hidden;
  const double replica_bytes = to_double(step.sequences * step.tokens) * hidden;

  double mixtures = 0;
  for (const auto& group : layer_groups(model, range.first, range.last))
    if (group.mixture) mixtures += to_double(group.count);
  // With attention on different sequences, a mixture gathers all tokens before and scatters its sums after.
  const bool gathers = layout.attention_data > 1;
  std::vector<communication> all;
  add(all, {"sum of blocks", kind::all_reduce, group_bytes, layout.tensor,
            2 * to_double(range.count()) - (gathers ? mixtures : 0)});
  if (gathers) {
    add(all, {"gather of tokens", kind::all_gather, replica_bytes, layout.stage_devices(), mixtures});
    add(all, {"scatter of results", kind::reduce_scatter, replica_bytes, layout.stage_devices(), mixtures});
  }
  const bool last = layout.pipeline_stage == layout.pipeline_stages - 1;
  if (layout.pipeline_stage == 0) add(all, {"sum of embeddings", kind::all_reduce, group_bytes, layout.tensor, 1});
  if (last) {
    const double rows = to_double(step.all_positions ? sequences * step.tokens : sequences);
    add(all, {"gather of logits", kind::all_gather,
              rows * to_double(model.vocabulary) * bytes_per_element(step.activations), layout.tensor, 1});
  } else {
    add(all, {"next stage", kind::point_to_point, group_bytes, layout.pipeline_stages, 1});
  }
  return all;
}

}  // namespace gpubench::models
