#include "planner/system_planner.hpp"

#include "core/units.hpp"
#include "models/transformer.hpp"
#include "planner/duration_spread.hpp"
#include "planner/host_work.hpp"
#include "planner/listed_operators.hpp"
#include "planner/refined_operators.hpp"
#include "planner/training.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gpubench::planner {
namespace {

using profiles::workload_kind;

void append_bits(std::string& key, double value) {
  char bits[sizeof value];
  std::memcpy(bits, &value, sizeof value);
  key.append(bits, sizeof bits);
}

/// Everything of an instance that its speed depends on, as an opaque text.
void make_key(std::string& key, const profiles::instance& type, bool named) {
  key.clear();
  key += type.gpu;
  key += '|';
  key += type.cpu;
  key += '|';
  // A measured machine matches its own instance type only, so that then the type is part of the key.
  if (named) {
    key += type.provider;
    key += '|';
    key += type.type;
  }
  append_bits(key, type.gpu_count);
  append_bits(key, type.gpu_fraction);
  append_bits(key, type.gpu_memory_bytes.value_or(-1));
  append_bits(key, type.vcpus.value_or(-1));
  append_bits(key, type.physical_cores.value_or(-1));
  append_bits(key, type.host_memory_bytes.value_or(-1));
  append_bits(key, static_cast<double>(type.gpu_interconnect));
  append_bits(key, type.gpu_interconnect_bytes_per_second.value_or(-1));
  append_bits(key, type.network_bits_per_second.value_or(-1));
}

estimate scaled(const estimate& e, double factor) {
  estimate result = e;
  result.seconds *= factor;
  result.low *= factor;
  result.high *= factor;
  return result;
}

/// Units a second where hosts are no limit; of a server its own rate.
double rate_with_any_host(const performance& one) {
  return std::max(one.units_per_second, one.device_units_per_second);
}

const char* network_name(workload_kind kind) {
  return kind == workload_kind::cnn_train ? "resnet50_training_step" : "resnet50_inference";
}

}  // namespace

system_planner::system_planner(const profiles::catalogue& known, const calibration& efficiencies,
                               const profiles::workload& what, const constraints& limits,
                               const std::vector<results::run>& runs)
    : known_(known),
      efficiencies_(efficiencies),
      limits_(limits),
      typical_(known),
      steps_(what),
      measured_(measured_devices(runs, known)),
      hosts_(measured_hosts(runs)),
      refined_(refine_operators(efficiencies.operators(), runs, known)) {}

const std::string& system_planner::key_of(const profiles::instance& type) {
  const storage_rates storage = storage_of(hosts_, type.provider, type.type);
  const std::string preparation = preparation_benchmark(steps_.what());
  const bool is_host = storage.read_bytes_per_second || storage.checkpoint_bytes_per_second ||
                       latest_preparation(hosts_, preparation, &type);
  make_key(key_, type, is_host || (!measured_.empty() && !type.has_gpu()));
  return key_;
}

const system_plan& system_planner::plan(const profiles::instance& type) {
  key_of(type);
  const auto found = plans_.find(key_);
  if (found != plans_.end()) return found->second;
  return plans_.emplace(key_, make(type)).first->second;
}

double system_planner::host_cores(const profiles::instance& type) const {
  if (const auto stated = physical_cores(type, known_)) return *stated;
  return type.has_gpu() ? typical_.cores_per_gpu(type.gpu) * type.gpu_count * type.gpu_fraction : 0;
}

device_model& system_planner::gpu_model_of(const device& on) {
  std::string key = on.name;
  append_bits(key, on.share);
  append_bits(key, on.time_share);
  append_bits(key, on.gpu->multiprocessors.value_or(0));
  append_bits(key, on.memory_bandwidth_bytes_per_second);
  std::unique_ptr<device_model>& model = gpu_models_[key];
  if (!model) model = std::make_unique<device_model>(on, refined_ ? *refined_ : efficiencies_.operators());
  return *model;
}

std::vector<const measured_device*> system_planner::used() const {
  std::vector<const measured_device*> in_order;
  for (const measured_device& one : measured_)
    if (used_.contains(&one)) in_order.push_back(&one);
  return in_order;
}

void system_planner::note_use(const device& on, const measured_device* reference) {
  const workload_kind kind = steps_.what().kind;
  if (kind == workload_kind::host) return;
  if (on.is_cpu) {
    if (reference) used_.insert(reference);
    return;
  }
  // A server's times on GPUs are those of inference engines, and not of operators.
  if (!refined_ || kind == workload_kind::llm_serve) return;
  // The operators that were timed on one GPU refine what is known of all, of others by little.
  for (const measured_device& one : measured_)
    if (one.has_operators) used_.insert(&one);
}

device_model system_planner::cpu_model(const device& on, const measured_device* reference, kinship how) const {
  device_rates rates = shipped_rates(on, efficiencies_);
  if (reference) apply_measurements(rates, on, *reference, how);
  return device_model(rates);
}

network_correction system_planner::correction_for(const device& on, const measured_device* reference, kinship how) {
  const profiles::workload& what = steps_.what();
  network_correction correction;
  const bool images = what.kind == workload_kind::cnn_train || what.kind == workload_kind::cnn_infer;
  if (reference && images) {
    const auto p = supported_precision(on, what.precision, what.fallback_precision);
    const measured_network* network =
        p ? reference->find_network(network_name(what.kind), *p, what.batch_per_device, what.image_size) : nullptr;
    if (network) {
      used_.insert(reference);
      // What the measured machine takes over what the model says of that machine; the model's ratio between the two
      // machines does the rest.
      const lowered_step& step = steps_.images(network->n, *p, reference->on.is_cpu);
      const double predicted = reference->on.is_cpu
                                   ? cpu_model(reference->on, reference, kinship::same).time(step).total().seconds
                                   : gpu_model_of(reference->on).shared_time(step).total().seconds;
      correction.factor = network->seconds / predicted;
      const bool same = how == kinship::same;
      const bool exact = same && network->n == what.batch_per_device;
      const double width = exact ? 1.05 : same ? 1.2 : how == kinship::related ? 1.4 : 1.7;
      correction.error_low = 1 / width;
      correction.error_high = width;
      correction.basis = exact ? basis::measured : same ? basis::interpolated : basis::scaled;
      return correction;
    }
  }
  if (const network_efficiency* shipped = efficiencies_.find_network(profiles::to_string(what.kind), on.is_cpu)) {
    // Measured operators replace the shipped efficiencies, not what a framework adds around them.
    correction.factor = shipped->factor;
    correction.error_low = shipped->error_low;
    correction.error_high = shipped->error_high;
    if (!shipped->calibrated) correction.basis = basis::data_sheet;
    const bool foreign = on.gpu && on.gpu->vendor != "NVIDIA";
    if (foreign) {
      correction.error_low *= 0.8;
      correction.error_high *= 1.25;
      correction.basis = basis::data_sheet;
    }
  }
  return correction;
}

std::unique_ptr<system_planner::prepared_system> system_planner::prepare(const profiles::instance& type,
                                                                         std::string& missing, const gpu_slice* slice) {
  device_lookup lookup = device_of(type, known_);
  if (!lookup.found) {
    missing = std::move(lookup.missing);
    return nullptr;
  }
  auto ready = std::make_unique<prepared_system>();
  ready->on = std::move(*lookup.found);
  if (slice) {
    ready->on.gpu = &slice->device;
    ready->on.memory_bytes = slice->device.memory_bytes;
    ready->on.memory_bandwidth_bytes_per_second = *slice->device.memory_bandwidth_bytes_per_second;
    ready->on.dense_peak_flop_per_second = slice->device.dense_peak_flop_per_second;
  }
  const device& on = ready->on;
  kinship how = kinship::distant;
  const measured_device* reference = find_reference(measured_, on, type, how);
  if (on.is_cpu) ready->cpu.emplace(cpu_model(on, reference, how));
  note_use(on, reference);
  system_under_plan& system = ready->system;
  system.device = &on;
  system.model = on.is_cpu ? &*ready->cpu : &gpu_model_of(on);
  system.confidence = limits_.confidence;
  system.engine = predictor::serving_engine_of(efficiencies_.operators().engines, {}, {});
  system.host_cores = host_cores(type);
  if (steps_.what().kind == workload_kind::host) system.core_time = core_time(steps_.what(), hosts_, type, known_);
  system.storage = storage_of(hosts_, type.provider, type.type);
  system.correction = correction_for(on, reference, how);
  return ready;
}

std::vector<timed_operator> system_planner::operators_of(const profiles::instance& type, const layout& split) {
  std::vector<timed_operator> all;
  std::string missing;
  const gpu_slice* slice = nullptr;
  for (const gpu_slice& one : slices(type.gpu)) {
    if (one.name == split.slice) slice = &one;
  }
  const std::unique_ptr<prepared_system> ready = prepare(type, missing, slice);
  if (!ready) return all;
  const profiles::workload& what = steps_.what();
  if (what.kind == workload_kind::host) {
    if (ready->system.core_time)
      all.push_back({"one " + what.unit + " on each core", {}, split.precision, 1, *ready->system.core_time});
    return all;
  }
  if (what.kind == workload_kind::operators) {
    for (const timed_entry& entry : time_list(what, ready->on, *ready->system.model).entries)
      all.push_back({entry.op->name, entry.op->params, entry.precision, entry.op->count, entry.each});
    return all;
  }
  const bool serves = what.kind == workload_kind::llm_serve;
  const double factor = serves ? 1 : ready->system.correction.factor;
  const auto add = [&](const lowered_step& step, double rounds) {
    for (const lowered_step::entry& entry : step.entries()) {
      const models::network_operator& op = entry.op;
      all.push_back({op.name, models::describe(op.shape), op.precision, op.count * rounds,
                     scaled(ready->system.model->time(entry), factor)});
    }
  };
  if (serves) {
    add(steps_.decode(split.micro_batch, split.precision, split.tensor_parallel), 1);
  } else if (what.kind == workload_kind::transformer_train) {
    // Of a pipeline the last stage's, which is never the slowest by more than the output head is long.
    const auto layers = static_cast<std::int64_t>(depth_of(what.transformer.layers, split.pipeline_parallel).last);
    add(steps_.micro_batch(split.micro_batch, split.precision, split.tensor_parallel, split.recompute, layers,
                           split.expert_parallel),
        static_cast<double>(split.accumulation));
    add(lowered_step({models::adam_step(updated_parameters(what, split))}), 1);
  } else {
    add(steps_.images(split.micro_batch, split.precision, ready->on.is_cpu), 1);
  }
  return all;
}

replica_plans system_planner::replicas(const profiles::instance& type) {
  replica_plans result;
  const std::unique_ptr<prepared_system> ready = prepare(type, result.detail);
  if (!ready) {
    result.reason = rejection_reason::no_data;
    return result;
  }
  if (ready->on.time_share < 1) {
    result.reason = rejection_reason::latency;
    result.detail = "has its GPU in turns with others: how long a request waits for its turn is not known";
    return result;
  }
  ready->system.links = fabric_of(type, ready->on.gpu, 1);
  return plan_replicas(ready->system, steps_);
}

const std::vector<gpu_slice>& system_planner::slices(const std::string& gpu) {
  const auto found = slices_.find(gpu);
  if (found != slices_.end()) return found->second;
  const profiles::gpu_spec* spec = gpu.empty() ? nullptr : known_.find_gpu(gpu);
  return slices_.emplace(gpu, spec ? slices_of(*spec) : std::vector<gpu_slice>{}).first->second;
}

std::optional<performance> system_planner::plan_slices(const profiles::instance& type) {
  std::optional<performance> best;
  if (steps_.what().most_devices) return best;  // the rest of the GPU would stand idle
  profiles::instance one = type;
  one.gpu_count = 1;
  for (const gpu_slice& slice : slices(type.gpu)) {
    std::string missing;
    const std::unique_ptr<prepared_system> ready = prepare(type, missing, &slice);
    if (!ready) continue;
    const int replicas = slice.most * std::max(1, type.gpu_count);
    ready->system.links = fabric_of(one, ready->on.gpu, 1);
    ready->system.sharing = replicas;
    outcome found = plan_workload(ready->system, steps_);
    if (!found.best) continue;
    multiply(*found.best, replicas);
    if (best && rate_with_any_host(*found.best) <= rate_with_any_host(*best)) continue;
    best = std::move(found.best);
    best->split.data_parallel = replicas;
    best->split.slice = slice.name;
  }
  return best;
}

system_plan system_planner::make(const profiles::instance& type) {
  system_plan result;
  const std::unique_ptr<prepared_system> ready = prepare(type, result.detail);
  if (!ready) {
    result.reason = rejection_reason::no_data;
    return result;
  }
  system_under_plan& system = ready->system;
  const profiles::workload& what = steps_.what();
  std::vector<performance> on_one_node;
  for (int nodes = 1; nodes <= limits_.max_nodes; ++nodes) {
    // Training spreads only over a network of known speed; replicas need none.
    const bool training = what.kind == workload_kind::cnn_train || what.kind == workload_kind::transformer_train;
    if (nodes > 1 && training && !type.network_bits_per_second) break;
    // Nodes whose devices would all stand idle.
    if (what.most_devices && (nodes - 1) * std::max(1, type.gpu_count) >= *what.most_devices) break;
    system.links = fabric_of(type, ready->on.gpu, nodes);
    system.links.collectives = &efficiencies_.operators().collectives;
    const auto add = [&](performance speed) {
      node_plan plan;
      plan.nodes = nodes;
      plan.speed = std::move(speed);
      settle(plan, what, limits_);
      result.feasible.push_back(std::move(plan));
    };
    if (!training && nodes > 1) {
      // Replicas on more nodes do not know of each other.
      for (performance speed : on_one_node) {
        multiply(speed, nodes);
        speed.split.data_parallel *= nodes;
        add(std::move(speed));
      }
      continue;
    }
    outcome found = plan_workload(system, steps_);
    if (!found.best) {
      if (result.feasible.empty() && nodes == 1) {
        result.reason = found.reason;
        result.detail = found.detail;
      }
      if (!training) break;
      continue;  // more nodes divide optimiser and weights further
    }
    on_one_node = {*found.best};
    if (!training && what.kind != workload_kind::host && type.has_gpu() && type.gpu_fraction >= 1) {
      // Whole GPUs and slices both, where slices are faster but wait for the hosts: other hosts may feed them.
      std::optional<performance> sliced = plan_slices(type);
      if (sliced && rate_with_any_host(*sliced) > rate_with_any_host(*found.best)) {
        if (sliced->units_per_second > found.best->units_per_second) on_one_node.clear();
        on_one_node.push_back(std::move(*sliced));
      }
    }
    for (const performance& speed : on_one_node) add(speed);
  }
  if (result.feasible.empty()) return result;

  for (const node_plan& plan : result.feasible) {
    if (plan.keeps_rate) result.by_node_seconds.push_back(&plan);
  }
  if (result.by_node_seconds.empty()) {
    double most = 0;
    for (const node_plan& plan : result.feasible) most = std::max(most, plan.sustained_units_per_second);
    result.reason = rejection_reason::rate;
    result.detail = "sustains " + format_number(most) + " " + what.unit + "s/s at " +
                    format_number(limits_.confidence * 100) + " %, asked for " +
                    format_number(*rate_asked_for(what, limits_));
    return result;
  }
  std::stable_sort(
      result.by_node_seconds.begin(), result.by_node_seconds.end(),
      [](const node_plan* a, const node_plan* b) { return a->nodes * a->mean_seconds < b->nodes * b->mean_seconds; });
  for (const node_plan* plan : result.by_node_seconds) {
    if (limits_.deadline_seconds && plan->probability_in_deadline < limits_.confidence) continue;
    result.cheapest = plan;
    break;
  }
  if (!result.cheapest) {
    const auto fastest = std::min_element(
        result.feasible.begin(), result.feasible.end(),
        [](const node_plan& a, const node_plan& b) { return a.seconds_at_confidence < b.seconds_at_confidence; });
    result.reason = rejection_reason::deadline;
    result.detail = "takes " + format_duration(fastest->job.seconds) + " (" +
                    format_duration(fastest->seconds_at_confidence) + " at " + format_number(limits_.confidence * 100) +
                    " %), limit " + format_duration(*limits_.deadline_seconds);
    if (fastest->nodes > 1) result.detail += ", on " + std::to_string(fastest->nodes) + " nodes";
  }
  return result;
}

}  // namespace gpubench::planner
