#pragma once

#include "models/precision.hpp"

#include <vector>

#include "predictor/estimate.hpp"
#include "predictor/fabric.hpp"

namespace gpubench::predictor {

/// What one device of a pipeline stage does with one micro-batch, after the division among tensor-parallel ranks.
struct stage_work {
  estimate forward, backward;
  double layers = 0;               ///< transformer layers of the stage
  double gradient_bytes = 0;       ///< of the parameters that the device holds
  double last_gradient_bytes = 0;  ///< of these, ready only when the backward pass ends: token embeddings
  double weight_bytes = 0;         ///< of these parameters, for ZeRO's gathers; 0: as the gradients
};

enum class pipeline_schedule { gpipe, one_forward_one_backward, interleaved };

/// How a step is divided. Ranks of a tensor-parallel group are neighbours, then those of a pipeline.
struct parallel_layout {
  int data = 1, tensor = 1;
  int micro_batches = 1;   ///< in turn through the pipeline, or accumulated on one stage
  int zero_stage = 0;      ///< 0 to 3: nothing, optimiser, gradients, weights divided among the data-parallel ranks
  bool recompute = false;  ///< forward is repeated in the backward pass (its time is the caller's), with its traffic
  pipeline_schedule schedule = pipeline_schedule::one_forward_one_backward;
  int chunks = 1;  ///< pieces of a stage, for the interleaved schedule
};

/// How the framework sends gradients. The defaults are PyTorch's DistributedDataParallel.
struct bucket_policy {
  double first_bytes = 1 << 20, bytes = 25 << 20;  ///< the first bucket is small so that sending starts early
  bool overlap = true;                             ///< with the backward pass
  /// Time that a hidden second of traffic costs the kernels beside it: NCCL's channels hold 16 to 32 of a GPU's
  /// multiprocessors. Assumed.
  double contention = 0.2;
  double copy_seconds_per_byte = 0;  ///< into the buckets and back; 0: gradients are views of the buckets
};

/// A step's time by cause, on its critical path.
struct parallel_step {
  estimate compute;  ///< forward and backward of a device's own micro-batches
  estimate bubble;   ///< waits for other stages
  estimate tensor;   ///< all-reduces between tensor-parallel ranks, which nothing hides
  estimate sends;    ///< activations and their gradients between stages
  estimate data;     ///< gradients (and ZeRO's weights) between replicas, what the backward pass does not hide
  estimate optimizer;

  estimate total() const;
};

/// The links among replicas of `replica` devices: a replica's ranks hold neighbouring devices, so a ring of replicas
/// leaves the node sooner, and a node's network carries as many rings at once as a replica has ranks in it.
fabric replica_links(const fabric& links, int replica);

/// One micro-batch's activations from a stage to the next, over the device's share of `tensor`: within the node as long
/// as the pipeline fits in it.
estimate stage_send(double bytes, const fabric& links, int tensor, int stages, models::precision precision);

/// How long the reductions of one step's gradients take, bucket by bucket, between the replicas.
struct bucket_times {
  double steady_bytes = 0, first_bytes = 0;                                        ///< all that come during the pass
  double first_seconds = 0, full_seconds = 0, rest_seconds = 0, last_seconds = 0;  ///< 0: there is no such bucket
  double full_count = 0;                                                           ///< buckets of policy.bytes
  double copy_seconds = 0;
};
bucket_times reduce_in_buckets(double gradient_bytes, double last_bytes, const fabric& ring, int ranks,
                               const bucket_policy& policy);

/// Seconds from the start of a backward pass of `backward_seconds` until the last bucket is reduced. Gradients come in
/// evenly over the pass but for `last_bytes`, which come at its end; a bucket leaves when it is full and the one before
/// is through (Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", VLDB 2020,
/// section 3.2).
double backward_with_buckets(double backward_seconds, const bucket_times& buckets, const bucket_policy& policy);
double backward_with_buckets(double backward_seconds, double gradient_bytes, double last_bytes, const fabric& ring,
                             int ranks, const bucket_policy& policy);

/// What of `traffic` that goes layer by layer shows beside `work`: what is longer, at least one layer's part, and what
/// it takes from the work meanwhile.
double traffic_beside(double traffic, double work, double layers, const bucket_policy& policy);

/// Slots of a pipeline: every micro-batch once through the slowest stage, and the way through the others once:
/// sum(t) + (m-1) max(t), with equal stages (m+p-1) t, for GPipe and 1F1B alike (Huang et al., "GPipe", arXiv
/// 1811.06965; Narayanan et al., "PipeDream", SOSP 2019); v chunks a stage shorten the fill by v (Narayanan et al.,
/// "Efficient Large-Scale Language Model Training on GPU Clusters", arXiv 2104.04473, 2.2.2).
double pipeline_seconds(const std::vector<double>& stages, int micro_batches, int chunks = 1);

/// Composes one optimiser step.
/// - tensor: two all-reduces of `boundary_bytes` a layer forward and two backward, two more where forward is repeated
///   (Shoeybi et al., "Megatron-LM", arXiv 1909.08053); one more each way for the vocabulary's embedding and head.
/// - sends: boundary_bytes/tensor forward and backward at each border of the critical path, which is (p-1) each way
///   once; later micro-batches' sends hide behind computing.
/// - data: stage 0 all-reduces in buckets; the others scatter the reduction, 1 and 2 gather the updated weights, 3
///   gathers weights for both passes of every micro-batch. So with one micro-batch 0, 1 and 2 move each parameter twice
///   and 3 three times (Rajbhandari et al., "ZeRO", arXiv 1910.02054, section 7). Gradients are reduced with the last
///   micro-batch, or with each from stage 2 on.
/// @param stages          one or more
/// @param boundary_bytes  of one micro-batch's activations between two layers
/// @param optimizer       of a device's parameters, undivided
parallel_step compose_step(const std::vector<stage_work>& stages, double boundary_bytes, const estimate& optimizer,
                           const parallel_layout& layout, const fabric& links,
                           models::precision precision = models::precision::fp32, const bucket_policy& policy = {});

}  // namespace gpubench::predictor
