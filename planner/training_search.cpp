#include "planner/training_search.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "predictor/collectives.hpp"

namespace gpubench::planner {
namespace {

/// Collectives between the replicas of one split, whatever its ZeRO stage and rounds.
struct replica_traffic {
  double layers = 1, weight_bytes = 0;
  predictor::bucket_times buckets;
  double scatter = 0;        ///< gradients
  double gather_layers = 0;  ///< weights, layer by layer
  double gather = 0;         ///< weights at once
  double expert_reduce = 0, expert_scatter = 0, expert_gather = 0;
};

/// What the fuller stage of a split has to do, and what it holds.
struct stage_view {
  double slot = 0;                   ///< computing of the slowest stage, one micro-batch
  double tensor = 0;                 ///< most of a stage
  double both = 0;                   ///< slowest of computing and tensor traffic together
  double sum = 0;                    ///< of that, over all stages
  double forward = 0, backward = 0;  ///< of the stage with the most gradients
};

struct stage_weights {
  double layers = 0, trained = 0, held = 0, last = 0, experts = 0;  ///< parameters of one device
};

/// The stage with the most gradients: the first but where the last has more.
stage_weights widest_stage(const training_costs& costs, const weight_costs& w, int stages, bool& is_first) {
  const stage_depth depth = depth_of(costs.layers, stages);
  const auto weights = [&](double layers, double ends, double last) {
    stage_weights s;
    s.layers = layers;
    const double all = layers * w.layer_parameters + ends;
    s.trained = costs.lora ? layers * w.layer_adapters : all;
    s.held = costs.lora ? all + s.trained : all;
    s.last = costs.lora ? 0 : last;
    s.experts = costs.lora ? 0 : layers * w.expert_parameters;
    return s;
  };
  is_first = true;
  if (stages == 1)
    return weights(static_cast<double>(costs.layers), w.embedding_parameters + w.head_parameters,
                   w.embedding_parameters);
  const stage_weights first = weights(depth.first, w.embedding_parameters, w.embedding_parameters);
  const stage_weights last = weights(depth.last, w.head_parameters + w.tied_parameters, 0);
  is_first = first.trained >= last.trained;
  return is_first ? first : last;
}

class split_search {
 public:
  split_search(const training_costs& costs, const split_costs& degrees, int stages, int replicas)
      : costs_(costs),
        weights_(degrees.weights),
        stages_(stages),
        replicas_(replicas),
        depth_(depth_of(costs.layers, stages)),
        widest_(widest_stage(costs, weights_, stages, widest_is_first_)) {}

  /// Everything but data and optimiser.
  step_seconds within_replica(const micro_batch_costs& b, double rounds, bool recompute, int chunks,
                              stage_view& view) const {
    const bool again = recompute || costs_.always_recompute;
    const double forward = b.layer_forward, backward = b.layer_backward + (again ? b.layer_forward : 0);
    const double layer = forward + backward, ends = b.ends_forward + b.ends_backward;
    const double sums = again ? 6 : 4;
    const double reduce = weights_.tensor > 1 ? b.all_reduce : 0;
    const double layers = static_cast<double>(costs_.layers);
    step_seconds s;
    if (stages_ == 1) {
      view.slot = view.both = layers * layer + ends;
      view.tensor = reduce * (sums * layers + 2);
      view.both += view.tensor;
      view.sum = view.both;
      view.forward = layers * forward + b.ends_forward;
      view.backward = layers * backward + b.ends_backward;
    } else {
      const double first = depth_.first * layer, last = depth_.last * layer + ends;
      const double first_sums = reduce * (sums * depth_.first + 1), last_sums = reduce * (sums * depth_.last + 1);
      view.slot = std::max(first, last);
      view.tensor = std::max(first_sums, last_sums);
      view.both = std::max(first + first_sums, last + last_sums);
      view.sum = layers * layer + ends + reduce * (sums * layers + 2);
      const bool front = widest_is_first_;
      view.forward = front ? depth_.first * forward : depth_.last * forward + b.ends_forward;
      view.backward = front ? depth_.first * backward : depth_.last * backward + b.ends_backward;
      const bool inside =
          weights_.tensor * stages_ <= std::max(costs_.links.devices_per_node, costs_.links.switch_domain);
      s.sends = 2.0 * (stages_ - 1) * chunks * (inside ? b.send_inside : b.send_between);
    }
    s.compute = rounds * view.slot;
    s.tensor = rounds * view.tensor;
    // pipeline_seconds(): all micro-batches through the slowest stage, the way through the others once.
    s.bubble = std::max(0.0, rounds * view.both + (view.sum - view.both) / chunks - s.compute - s.tensor);
    if (weights_.expert > 1) s.experts = rounds * depth_.first * sums * b.all_to_all;
    return s;
  }

  void add_update(step_seconds& s, const stage_view& view, double rounds, int zero) {
    const double updated = widest_.trained / (zero >= 1 ? replicas_ : 1) +
                           widest_.experts / (zero >= 1 ? static_cast<double>(replicas_) / weights_.expert : 1);
    s.optimizer = updated * weights_.optimizer_seconds_per_parameter;
    if (replicas_ <= 1) return;
    const replica_traffic& t = traffic();
    const auto beside = [&](double busy, double work) {
      return predictor::traffic_beside(busy, work, t.layers, costs_.buckets);
    };
    if (zero == 0) {
      s.data = predictor::backward_with_buckets(view.backward, t.buckets, costs_.buckets) - view.backward;
      if (t.expert_reduce > 0) s.data += beside(t.expert_reduce, view.backward);
    } else {
      const double gather = zero >= 3 ? t.gather_layers + t.expert_gather : 0;
      s.data = beside(t.scatter + t.expert_scatter + gather, view.backward);
      if (gather > 0) s.data += beside(gather, view.forward);
      if (zero >= 2) s.data *= rounds;
    }
    if (zero == 1 || zero == 2) s.data += t.gather + t.expert_gather;
  }

 private:
  const replica_traffic& traffic() {
    if (traffic_) return *traffic_;
    replica_traffic t;
    const int replica = weights_.tensor * stages_;
    fabric used = costs_.links;
    used.nodes = std::max(1, (replica * replicas_ + used.devices_per_node - 1) / used.devices_per_node);
    const fabric ring = predictor::replica_links(used, replica);
    const auto collective = [&](collective_kind kind, double bytes, const fabric& over, int ranks) {
      return estimate_collective(kind, bytes, over, ranks, costs_.precision).seconds;
    };
    const double e = costs_.element_bytes;
    t.layers = std::max(1.0, widest_.layers);
    t.weight_bytes = widest_.held * e;
    t.buckets = predictor::reduce_in_buckets(widest_.trained * e, widest_.last * e, ring, replicas_, costs_.buckets);
    t.scatter = collective(collective_kind::reduce_scatter, widest_.trained * e, ring, replicas_);
    t.gather_layers = collective(collective_kind::all_gather, t.weight_bytes / t.layers, ring, replicas_) * t.layers;
    t.gather = collective(collective_kind::all_gather, t.weight_bytes, ring, replicas_);
    const int holders = replicas_ / weights_.expert;
    if (widest_.experts > 0 && holders > 1) {
      const fabric apart = predictor::replica_links(used, replica * weights_.expert);
      const double bytes = widest_.experts * e;
      t.expert_reduce = collective(collective_kind::all_reduce, bytes, apart, holders);
      t.expert_scatter = collective(collective_kind::reduce_scatter, bytes, apart, holders);
      t.expert_gather = collective(collective_kind::all_gather, bytes, apart, holders);
    }
    traffic_ = t;
    return *traffic_;
  }

  const training_costs& costs_;
  const weight_costs& weights_;
  int stages_, replicas_;
  stage_depth depth_;
  bool widest_is_first_ = true;
  stage_weights widest_;
  std::optional<replica_traffic> traffic_;
};

class front_search {
 public:
  front_search(const training_costs& costs, const training_space& space) : costs_(costs), space_(space) {}

  training_front run() {
    for (int devices = 1; devices <= space_.devices; ++devices) {
      at_count_ = {};
      for (const split_costs& degrees : costs_.splits) {
        const int tensor = degrees.weights.tensor;
        if (devices % tensor != 0) continue;
        const int most = static_cast<int>(std::min<std::int64_t>(costs_.layers, devices / tensor));
        for (int stages = 1; stages <= most; ++stages) {
          if (devices / tensor % stages != 0) continue;
          const int replicas = devices / tensor / stages;
          if (replicas % degrees.weights.expert != 0) continue;
          if (costs_.global_batch > 0 && replicas > costs_.global_batch) continue;
          try_batches(degrees, stages, replicas);
        }
      }
      if (at_count_.sequences_per_second > best_) {
        best_ = at_count_.sequences_per_second;
        front_.choices.push_back(at_count_);
      }
    }
    return std::move(front_);
  }

 private:
  void try_batches(const split_costs& degrees, int stages, int replicas) {
    split_search search(costs_, degrees, stages, replicas);
    layout split;
    split.precision = costs_.precision;
    split.tensor_parallel = degrees.weights.tensor;
    split.expert_parallel = degrees.weights.expert;
    split.pipeline_parallel = stages;
    split.data_parallel = replicas;
    for (const micro_batch_costs& batch : degrees.micro_batches) {
      split.micro_batch = 0;
      set_rounds(split, costs_.global_batch, batch.sequences);
      // More than the rank's share: its own entry stands further down.
      if (split.micro_batch != batch.sequences) continue;
      for (const int chunks : space_.chunks) {
        if (chunks > 1 && (stages == 1 || split.accumulation % stages != 0 || stages * chunks > costs_.layers))
          continue;
        split.pipeline_chunks = chunks;
        try_stages(search, degrees, batch, split);
      }
    }
  }

  void try_stages(split_search& search, const split_costs& degrees, const micro_batch_costs& batch, layout split) {
    const double rounds = static_cast<double>(split.accumulation);
    const double sequences = sequences_per_step(split, costs_.global_batch);
    bool fits_without[4] = {};
    for (const bool recompute : {false, true}) {
      if (recompute && costs_.always_recompute) break;
      split.recompute = recompute;
      stage_view view;
      const step_seconds within = search.within_replica(batch, rounds, recompute, split.pipeline_chunks, view);
      // Not even a free update would make it the best of its size or smaller.
      const bool hopeless = sequences / within.total() <= std::max(best_, at_count_.sequences_per_second);
      if (space_.prune && hopeless) {
        ++front_.splits;
        if (!recompute) break;  // which would only be slower
        continue;
      }
      for (const int zero : space_.zero_stages) {
        if (zero > 0 && split.data_parallel == 1) continue;
        if (space_.prune && recompute && fits_without[zero]) continue;
        ++front_.splits;
        split.zero_stage = zero;
        const double memory = stage_memory(costs_, degrees.weights, batch, split).total();
        if (front_.least_memory_bytes == 0 || memory < front_.least_memory_bytes) front_.least_memory_bytes = memory;
        if (memory > costs_.memory_bytes) continue;
        fits_without[zero] = fits_without[zero] || !recompute;
        step_seconds step = within;
        search.add_update(step, view, rounds, zero);
        const double rate = sequences / step.total();
        if (rate > at_count_.sequences_per_second) at_count_ = {split, step.total(), rate, memory};
      }
    }
  }

  const training_costs& costs_;
  const training_space& space_;
  training_front front_;
  training_choice at_count_;
  double best_ = 0;
};

const split_costs* find_degrees(const training_costs& costs, const layout& split) {
  for (const split_costs& s : costs.splits) {
    if (s.weights.tensor == split.tensor_parallel && s.weights.expert == split.expert_parallel) return &s;
  }
  return nullptr;
}

}  // namespace

void set_rounds(layout& split, std::int64_t global_batch, std::int64_t micro_batch) {
  split.micro_batch = micro_batch;
  split.accumulation = split.pipeline_parallel;
  if (global_batch <= 0) return;
  const std::int64_t share = (global_batch + split.data_parallel - 1) / split.data_parallel;
  split.micro_batch = std::clamp<std::int64_t>(share, 1, micro_batch);
  split.accumulation = (share + split.micro_batch - 1) / split.micro_batch;
}

double sequences_per_step(const layout& split, std::int64_t global_batch) {
  if (global_batch > 0) return static_cast<double>(global_batch);
  return static_cast<double>(split.micro_batch * split.accumulation) * split.data_parallel;
}

step_seconds step_seconds_of(const training_costs& costs, const layout& split) {
  step_seconds step;
  const split_costs* degrees = find_degrees(costs, split);
  if (!degrees) return step;
  const auto batch = std::find_if(degrees->micro_batches.begin(), degrees->micro_batches.end(),
                                  [&](const auto& b) { return b.sequences == split.micro_batch; });
  if (batch == degrees->micro_batches.end()) return step;
  split_search search(costs, *degrees, split.pipeline_parallel, split.data_parallel);
  stage_view view;
  const double rounds = static_cast<double>(split.accumulation);
  step = search.within_replica(*batch, rounds, split.recompute, split.pipeline_chunks, view);
  search.add_update(step, view, rounds, split.zero_stage);
  return step;
}

training_front search_training(const training_costs& costs, const training_space& space) {
  return front_search(costs, space).run();
}

}  // namespace gpubench::planner
