#pragma once

#include "planner/layout.hpp"
#include "planner/training_costs.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::planner {

/// Seconds of one optimiser step by cause, on its critical path: predictor::compose_step() of equal stages, and for
/// mixtures of experts the exchange of their tokens.
struct step_seconds {
  double compute = 0;  ///< of the slowest stage, all micro-batches
  double bubble = 0;   ///< waits for other stages: (p-1)/(v m) of the above where stages are equal
  double tensor = 0;   ///< all-reduces among tensor-parallel ranks
  double experts = 0;  ///< all-to-all among expert-parallel ranks
  double sends = 0;    ///< from stage to stage
  double data = 0;     ///< gradients and weights between replicas, what nothing hides
  double optimizer = 0;

  double total() const { return compute + bubble + tensor + experts + sends + data + optimizer; }
};

/// Micro-batch (at most `micro_batch`) and rounds of one replica. With a global batch: as many as its share needs, both
/// whole, so that a rank may be idle for a part of the last round. Without one: a micro-batch for each stage.
void set_rounds(layout& split, std::int64_t global_batch, std::int64_t micro_batch);

/// Sequences that a step gets done: the global batch, or what was computed where there is none.
double sequences_per_step(const layout& split, std::int64_t global_batch);

/// One split's step. @pre costs.splits has the degrees of `split`, with its micro-batch
step_seconds step_seconds_of(const training_costs& costs, const layout& split);

/// A split that fits.
struct training_choice {
  layout split;
  double seconds = 0;  ///< of a step
  double sequences_per_second = 0;
  double memory_bytes = 0;
};

struct training_front {
  /// By devices, each faster than all that use fewer: the last is the fastest.
  std::vector<training_choice> choices;
  std::uint64_t splits = 0;       ///< looked at
  double least_memory_bytes = 0;  ///< that any split needs; 0: there was none to look at
};

/// What is tried.
struct training_space {
  int devices = 1;                   ///< at most
  std::vector<int> chunks{1, 2, 4};  ///< of a pipeline stage
  std::vector<int> zero_stages{0, 1, 2, 3};
  bool prune = true;
};

/// Searches every split over 1 to `devices` devices: tensor degrees of costs.splits (they divide a node) x pipeline
/// stages x replicas x micro-batch x recomputation x chunks x ZeRO stage x expert degree. Stages: 1 to as many as there
/// are layers; the interleaved schedule needs rounds that are a multiple of the stages and a layer for each chunk
/// (Narayanan et al., arXiv 2104.04473, section 2.2.2).
///
/// Pruning loses nothing: (1) a split whose time without gradient traffic and optimiser is no better than a split found
/// on no more devices cannot become better, as those only add time; (2) recomputation adds as much time to the
/// backward pass as it can hide of the traffic beside it at most, so where the same split fits without it, it is never
/// faster.
training_front search_training(const training_costs& costs, const training_space& space);

}  // namespace gpubench::planner
