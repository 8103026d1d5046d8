#include "models/transformer.hpp"
#include "planner/training.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::planner {

void set_batches(layout& split, const profiles::workload& what, std::int64_t micro_batch) {
  split.micro_batch = micro_batch;
  split.accumulation = 1;
  if (what.global_batch_sequences <= 0) return;
  const double per_rank = static_cast<double>(what.global_batch_sequences) / split.data_parallel;
  split.micro_batch = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(per_rank)), 1, micro_batch);
  split.accumulation = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::llround(std::ceil(per_rank / static_cast<double>(split.micro_batch)))));
}

double units_per_step(const profiles::workload& what, const layout& split) {
  const double sequences = what.global_batch_sequences > 0
                               ? static_cast<double>(what.global_batch_sequences)
                               : static_cast<double>(split.micro_batch * split.accumulation) * split.data_parallel;
  return what.unit == "token" ? sequences * static_cast<double>(what.sequence_length) : sequences;
}

double updated_parameters(const profiles::workload& what, const layout& split) {
  const double all = what.training.lora ? models::trainable_parameters(what.transformer, what.training)
                                        : models::parameter_count(what.transformer);
  return all / split.tensor_parallel / (split.zero_stage >= 1 ? split.data_parallel : 1);
}

training_step estimate_training(const system_under_plan& system, step_library& steps, const layout& split) {
  const profiles::workload& what = steps.what();
  const models::transformer& model = what.transformer;
  training_step result;
  const double rounds = static_cast<double>(split.accumulation);
  const estimate_sum& pass = system.model->shared_time(
      steps.micro_batch(split.micro_batch, split.precision, split.tensor_parallel, split.recompute));
  const double tp = split.tensor_parallel;
  const double all = models::parameter_count(model) / tp;
  const double trained = what.training.lora ? models::trainable_parameters(model, what.training) / tp : all;
  const lowered_step update({models::adam_step(updated_parameters(what, split))});
  estimate_sum network;
  network.add(corrected(pass.total(), system.correction), rounds);
  network.add(corrected(system.model->time(update).total(), system.correction));
  const estimate work = network.total();

  // Two all-reduces a layer forward, two backward, and two more where the forward pass is repeated (Megatron-LM,
  // arXiv 1909.08053); they wait for nothing and nothing waits less for them.
  estimate_sum total;
  total.add(work);
  const double element = element_bytes(split.precision);
  const double activations = static_cast<double>(split.micro_batch * what.sequence_length * model.hidden) * element;
  estimate tensor = estimate_collective(collective_kind::all_reduce, activations, system.links, split.tensor_parallel);
  const bool repeated = split.recompute || what.training.recompute_activations;
  const double tensor_count = static_cast<double>(model.layers) * (repeated ? 6 : 4) * rounds;
  if (split.tensor_parallel > 1) total.add(tensor, tensor_count);

  estimate exposed;
  if (split.data_parallel > 1) {
    // The ranks of one replica hold neighbouring devices, so a data-parallel ring leaves the node sooner, and a node's
    // network carries as many such rings at once as a replica has ranks.
    fabric ring = system.links;
    ring.devices_per_node = std::max(1, system.links.devices_per_node / split.tensor_parallel);
    ring.network_bytes_per_second /= split.tensor_parallel;
    const double gradients = trained * element;
    const int ranks = split.data_parallel;
    estimate_sum traffic;
    if (split.zero_stage <= 1) {
      traffic.add(estimate_collective(collective_kind::all_reduce, gradients, ring, ranks));
    } else {
      traffic.add(estimate_collective(collective_kind::reduce_scatter, gradients, ring, ranks), rounds);
      if (split.zero_stage == 2) {
        traffic.add(estimate_collective(collective_kind::all_gather, gradients, ring, ranks));
      } else {
        const double weights = (what.training.lora ? all + trained : all) * element;
        traffic.add(estimate_collective(collective_kind::all_gather, weights, ring, ranks), 2 * rounds);
      }
    }
    exposed = exposed_traffic(traffic.total(), work);
    total.add(exposed);
  }
  result.time = total.total();
  // Shares are those of the uncorrected operators, scaled to the corrected time.
  estimate_sum shares;
  for (std::size_t i = 0; i < 6; ++i) {
    estimate part;
    part.bound_by = static_cast<bound>(i);
    part.seconds = pass.share(part.bound_by) * work.seconds;
    shares.add(part);
  }
  if (split.tensor_parallel > 1) shares.add(tensor, tensor_count);
  if (exposed.seconds > 0) shares.add(exposed);
  result.parts = shares;
  return result;
}

outcome plan_transformer_training(const system_under_plan& system, step_library& steps, models::precision precision) {
  const profiles::workload& what = steps.what();
  const device& on = *system.device;
  outcome result;
  double least_need = 0;
  const int per_node = system.links.devices_per_node;
  for (const int tp : {1, 2, 4, 8}) {
    if (tp > per_node || per_node % tp != 0 || what.transformer.heads % tp != 0) continue;
    for (const bool recompute : {false, true}) {
      if (recompute && what.training.recompute_activations) continue;
      for (int zero = 0; zero <= 3; ++zero) {
        for (std::int64_t micro = std::max<std::int64_t>(1, what.batch_per_device); micro >= 1; micro /= 2) {
          layout split;
          split.precision = precision;
          split.tensor_parallel = tp;
          split.data_parallel = system.links.devices() / tp;
          split.zero_stage = zero;
          split.recompute = recompute;
          if (zero > 0 && split.data_parallel == 1) break;
          if (what.global_batch_sequences > 0 && split.data_parallel > what.global_batch_sequences) break;
          set_batches(split, what, micro);
          const memory_need need = training_memory(what, split, on);
          if (need.total() > on.memory_bytes) {
            if (least_need == 0 || need.total() < least_need) least_need = need.total();
            continue;
          }
          const training_step step = estimate_training(system, steps, split);
          performance candidate = with_host(system, what, step.parts, step.time, units_per_step(what, split));
          if (!result.best || candidate.units_per_second > result.best->units_per_second) {
            candidate.split = split;
            candidate.memory = need;
            result.best = std::move(candidate);
          }
          break;  // a smaller micro-batch is only for what does not fit
        }
      }
    }
  }
  if (!result.best) {
    if (least_need > 0) {
      result.detail = memory_shortage(least_need, on);
    } else {
      result.reason = rejection_reason::unsupported;
      result.detail = "the global batch of " + std::to_string(what.global_batch_sequences) +
                      " sequences is smaller than the number of devices";
    }
  }
  return result;
}

}  // namespace gpubench::planner
