#pragma once

#include "models/precision.hpp"
#include "planner/prediction.hpp"
#include "profiles/workload.hpp"

#include <cstdint>
#include <string>

namespace gpubench::planner {

/// How a job is split over devices.
struct layout {
  int tensor_parallel = 1;
  int pipeline_parallel = 1;      ///< stages, of which each holds some of the layers
  int pipeline_chunks = 1;        ///< pieces of a stage: more than one is the interleaved schedule
  int expert_parallel = 1;        ///< data-parallel ranks among which a mixture's experts are divided
  int data_parallel = 1;          ///< training: replicas that share a step; inference: independent replicas
  int zero_stage = 0;             ///< 0 to 3: none, optimiser, gradients, weights divided over data-parallel ranks
  bool recompute = false;         ///< activations are computed again in the backward pass
  std::int64_t micro_batch = 1;   ///< images or sequences at a time on a device; requests in flight when serving
  std::int64_t accumulation = 1;  ///< micro-batches before the weights are updated
  models::precision precision = models::precision::bf16;
  std::string slice;  ///< each replica has such a slice of a GPU: "MIG 1g.10gb"; empty: whole devices

  /// Devices that it uses.
  int devices() const { return tensor_parallel * pipeline_parallel * data_parallel; }

  /// "tensor parallel 4 x 2 replicas, ZeRO-3, recomputation", as a reader sees it.
  std::string describe(profiles::workload_kind kind) const;
};

/// Bytes that one device must hold.
struct memory_need {
  double weights = 0, gradients = 0, optimizer = 0, activations = 0, kv_cache = 0, reserve = 0;
  double total() const { return weights + gradients + optimizer + activations + kv_cache + reserve; }
};

/// Whether weights, gradients and activations of a training step take four bytes each; else it is mixed precision and
/// they take two.
bool is_wide(models::precision p);
inline double element_bytes(models::precision p) {
  return is_wide(p) ? 4 : 2;
}

/// Training, on the device that needs most. Per parameter, mixed-precision Adam: 2 weight + 2 gradient + 12 optimiser
/// (fp32 master copy and two moments); in fp32: 4 + 4 + 8. ZeRO stages 1, 2 and 3 divide optimiser, gradients and
/// weights by the data-parallel ranks (Rajbhandari et al., "ZeRO", arXiv 1910.02054). LoRA: frozen weights, and the
/// above for the adapters alone. ResNet-50: SGD with momentum, fp32 weight, gradient and momentum, and a 16-bit copy of
/// the weights in mixed precision. Activations: models::activation_bytes(), models::resnet50_activation_bytes();
/// pipelines as stage_memory() in training_costs.hpp.
memory_need training_memory(const profiles::workload& what, const layout& split, const device& on);

/// Inference and serving: weights, the working set of one batch or of a prefill chunk of at most 8,192 tokens (ten
/// activation rows of the hidden size a token), and for serving the keys and values of `micro_batch` requests, each
/// half way through its output (paged caches grow with the request).
memory_need inference_memory(const profiles::workload& what, const layout& split, const device& on);

/// What the driver context, library workspaces, communicators and fragmentation take: 0.5 GiB and 6 % of the memory on
/// a GPU (10 % when serving, the default of vLLM's gpu_memory_utilization), 0.4 GiB more with several devices (NCCL);
/// on a CPU 2 GiB and 6 %. Assumed values.
double reserved_memory(const device& on, int devices, bool serving);

}  // namespace gpubench::planner
