#include "planner/layout.hpp"

#include "core/units.hpp"
#include "models/resnet50.hpp"
#include "models/transformer.hpp"
#include "planner/training_costs.hpp"

#include <algorithm>

namespace gpubench::planner {
namespace {

using models::precision;
using profiles::workload_kind;

constexpr std::int64_t prefill_chunk_tokens = 8192;

}  // namespace

bool is_wide(precision p) {
  return models::bytes_per_element(p) >= 4;
}

std::string layout::describe(profiles::workload_kind kind) const {
  if (kind == workload_kind::host)
    return data_parallel > 1 ? "all cores of " + std::to_string(data_parallel) + " nodes" : "all cores";
  const bool training = kind == workload_kind::cnn_train || kind == workload_kind::transformer_train;
  std::string text;
  if (tensor_parallel > 1) text = "tensor parallel " + std::to_string(tensor_parallel);
  if (pipeline_parallel > 1) {
    text += (text.empty() ? "pipeline " : " x pipeline ") + std::to_string(pipeline_parallel);
    if (pipeline_chunks > 1) text += " (" + std::to_string(pipeline_chunks) + " chunks a stage)";
  }
  if (data_parallel > 1) {
    if (training) {
      text += (text.empty() ? "data parallel " : " x data parallel ") + std::to_string(data_parallel);
    } else {
      text += (text.empty() ? "" : " x ") + std::to_string(data_parallel) + " replicas";
    }
  }
  if (text.empty()) text = "one device";
  if (expert_parallel > 1) text += ", experts over " + std::to_string(expert_parallel);
  if (zero_stage > 0) text += ", ZeRO-" + std::to_string(zero_stage);
  if (recompute) text += ", recomputation";
  if (kind == workload_kind::llm_serve) text += ", " + std::to_string(micro_batch) + " in flight";
  if (!slice.empty()) text += " on slices " + slice;
  return text;
}

double reserved_memory(const device& on, int devices, bool serving) {
  if (on.is_cpu) return 2 * gib + 0.06 * on.memory_bytes;
  return 0.5 * gib + (serving ? 0.10 : 0.06) * on.memory_bytes + (devices > 1 ? 0.4 * gib : 0);
}

memory_need training_memory(const profiles::workload& what, const layout& split, const device& on) {
  memory_need need;
  const bool wide = is_wide(split.precision);
  if (what.kind == workload_kind::cnn_train) {
    const double parameters = models::resnet50_parameters();
    need.weights = parameters * (wide ? 4 : 6);
    need.gradients = parameters * 4;
    need.optimizer = parameters * 4;
    need.activations = models::resnet50_activation_bytes(split.micro_batch, split.precision, what.image_size);
  } else {
    const training_costs costs = costs_without_times(what, split.precision, on);
    micro_batch_costs batch;
    batch.sequences = split.micro_batch;
    set_activations(batch, what, split.tensor_parallel, costs.element_bytes);
    return stage_memory(costs, weights_of(what, split.tensor_parallel, split.expert_parallel), batch, split);
  }
  need.reserve = reserved_memory(on, split.data_parallel, false);
  return need;
}

memory_need inference_memory(const profiles::workload& what, const layout& split, const device& on) {
  memory_need need;
  if (what.kind == workload_kind::cnn_infer) {
    const double element = models::bytes_per_element(split.precision);
    need.weights = models::resnet50_parameters() * element;
    // Input and output of the widest layer and its workspace: 4 x 112 x 112 x 64 elements an image at 224 pixels.
    const double area = static_cast<double>(what.image_size) / 224.0;
    need.activations = static_cast<double>(split.micro_batch) * 4 * 112 * 112 * 64 * area * area * element;
    need.reserve = reserved_memory(on, 1, false);
    return need;
  }
  const double tp = split.tensor_parallel;
  const precision kv = is_wide(split.precision) ? precision::fp32 : precision::bf16;
  need.weights = models::parameter_count(what.transformer) * models::bytes_per_element(split.precision) / tp;
  const double tokens = static_cast<double>(std::min(what.prompt_tokens * split.micro_batch, prefill_chunk_tokens));
  need.activations = 10 * tokens * static_cast<double>(what.transformer.hidden) * models::bytes_per_element(kv);
  // A head of keys and values is the least that a rank can hold.
  const double kv_share =
      std::max(1.0 / tp, 1.0 / static_cast<double>(std::max<std::int64_t>(1, what.transformer.kv_heads)));
  // Pages are taken as a request grows: in the steady state requests are, on average, half way through their output.
  const double held_tokens = static_cast<double>(what.prompt_tokens) + static_cast<double>(what.output_tokens) / 2;
  need.kv_cache = models::kv_bytes_per_token(what.transformer, kv) * kv_share * held_tokens *
                  static_cast<double>(split.micro_batch);
  need.reserve = reserved_memory(on, split.tensor_parallel, true);
  return need;
}

}  // namespace gpubench::planner
