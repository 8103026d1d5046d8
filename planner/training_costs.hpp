#pragma once

#include "planner/layout.hpp"
#include "planner/prediction.hpp"
#include "profiles/workload.hpp"

#include <cstdint>
#include <vector>

#include "predictor/parallel_step.hpp"

namespace gpubench::planner {

/// What one device's share of a transformer weighs under a tensor-parallel and an expert-parallel degree.
struct weight_costs {
  int tensor = 1, expert = 1;
  double layer_parameters = 0;      ///< of a layer, without routed experts
  double expert_parameters = 0;     ///< of a layer's routed experts
  double embedding_parameters = 0;  ///< on the first stage
  double head_parameters = 0;       ///< on the last stage; of tied embeddings what comes besides
  double tied_parameters = 0;       ///< the shared table, which the last of several stages holds once more
  double layer_adapters = 0;        ///< LoRA: what is trained of a layer
  double optimizer_seconds_per_parameter = 0;
};

/// What one micro-batch costs one device. Times are in seconds, of one layer or of all that is no layer (look-up, last
/// normalisation and output head, counted on the last stage).
struct micro_batch_costs {
  std::int64_t sequences = 1;
  double layer_forward = 0, layer_backward = 0, ends_forward = 0, ends_backward = 0;
  double all_reduce = 0;                     ///< of the activations between two layers, among the tensor-parallel ranks
  double all_to_all = 0;                     ///< of a layer's tokens among the expert-parallel ranks, one way
  double send_inside = 0, send_between = 0;  ///< to the next stage, within a node and from node to node
  double layer_activation_bytes = 0;         ///< kept of a layer
  double layer_input_bytes = 0;              ///< kept of a layer that is computed again
  double ends_activation_bytes = 0;
};

/// A model on a kind of device under one tensor- and expert-parallel degree.
struct split_costs {
  weight_costs weights;
  std::vector<micro_batch_costs> micro_batches;  ///< by sequences, most first
};

/// All that a search for the best split needs to know. Built once for a model, a kind of device and its links.
struct training_costs {
  std::int64_t layers = 1;
  std::int64_t global_batch = 0;             ///< sequences of a step; 0: a micro-batch for each stage of each replica
  bool lora = false;                         ///< weights are frozen, adapters trained
  bool always_recompute = false;             ///< the workload asks for it
  double element_bytes = 2;                  ///< of weights and gradients
  double optimizer_bytes = 12;               ///< a trained parameter
  double memory_bytes = 0;                   ///< of a device
  double reserve_one = 0, reserve_many = 0;  ///< reserved_memory() of one device and of several
  models::precision precision = models::precision::bf16;
  fabric links;  ///< `nodes` is as many as there are to choose from
  predictor::bucket_policy buckets;
  std::vector<split_costs> splits;
};

/// Layers of the fullest and of the last of `stages` (models::stage_layers()).
struct stage_depth {
  double first = 0, last = 0;
};
stage_depth depth_of(std::int64_t layers, int stages);

/// Memory of the fuller of the first and the last pipeline stage. The first has as many micro-batches under way as
/// there are stages, so that it holds the activations of about all layers; interleaving takes 1 + (p-1)/(p v) of that
/// (Korthikanti et al., arXiv 2205.05198, section 4.2.3); the last stage holds one, interleaved ((v-1) p + 1)/v, and
/// the ends. Recomputation keeps
/// the layers' inputs and one layer's activations. Expert weights are divided by ZeRO among the ranks that hold the
/// same experts.
memory_need stage_memory(const training_costs& costs, const weight_costs& weights, const micro_batch_costs& batch,
                         const layout& split);

/// The weights of a workload's model under a split, without times.
weight_costs weights_of(const profiles::workload& what, int tensor, int expert);

/// Fills in the activations that a micro-batch of `sequences` keeps. @param element  bytes of an activation
void set_activations(micro_batch_costs& batch, const profiles::workload& what, int tensor, double element);

/// What of training_costs only the workload and the device decide: no times, no splits.
training_costs costs_without_times(const profiles::workload& what, models::precision p, const device& on);

}  // namespace gpubench::planner
