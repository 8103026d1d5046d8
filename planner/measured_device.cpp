#include "planner/measured_device.hpp"

#include "core/text.hpp"
#include "planner/host_peaks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "predictor/observations.hpp"

namespace gpubench::planner {
namespace {

using models::precision;

// A slice up to this share of a socket may get more than its part of the channels, from neighbours who leave theirs.
constexpr double small_share = 0.25;
constexpr double reachable_bandwidth = 0.85;

/// "gemm_fp32" is {"gemm", fp32}; nothing where the name does not end in a precision.
std::optional<std::pair<std::string, precision>> split_name(const std::string& benchmark) {
  const std::size_t at = benchmark.rfind('_');
  if (at == std::string::npos) return std::nullopt;
  const std::optional<precision> p = models::parse_precision(benchmark.substr(at + 1));
  if (!p) return std::nullopt;
  return std::make_pair(benchmark.substr(0, at), *p);
}

std::optional<device> host_device(const results::run& run, const profiles::catalogue& known) {
  const results::environment& env = run.environment;
  const host_peaks peaks = find_host_peaks(env, known);
  if (!peaks.spec || peaks.dense_flop_per_second.empty() || !env.cpu.usable_cpus) return std::nullopt;
  device d;
  d.is_cpu = true;
  d.name = peaks.spec->name;
  d.architecture = peaks.spec->microarchitecture;
  d.cpu = peaks.spec;
  d.cores = *env.cpu.usable_cpus;
  if (env.cpu.physical_cores && *env.cpu.physical_cores > 0)
    d.cores = std::min<double>(d.cores, *env.cpu.physical_cores);
  d.memory_bytes = env.memory_bytes.value_or(0);
  for (const auto& [p, peak] : peaks.dense_flop_per_second) {
    d.dense_peak_flop_per_second[static_cast<std::size_t>(p)] = peak.value;
  }
  if (peaks.spec->memory_bandwidth_bytes_per_second) {
    d.memory_bandwidth_bytes_per_second =
        *peaks.spec->memory_bandwidth_bytes_per_second * d.cores / cores_per_socket(*peaks.spec, d.cores);
  }
  return d;
}

std::optional<device> gpu_device(const results::gpu_environment& gpu, const profiles::catalogue& known) {
  // What a slice reaches says nothing of the whole GPU, which its name may lead to.
  if (gpu.mig_slice || gpu.virtualization == "vgpu") return std::nullopt;
  const profiles::gpu_spec* spec = known.find_gpu(gpu.name);
  if (!spec || !spec->memory_bandwidth_bytes_per_second) return std::nullopt;
  profiles::instance whole;
  whole.gpu = spec->name;
  whole.gpu_count = 1;
  return device_of(whole, known).found;
}

/// Sums over the cases of a kind and precision.
struct work_sum {
  double flop = 0, seconds = 0, best_rate = 0;
};

measured_device summarize_device(const results::run& run, const device& on, const std::string& name) {
  measured_device result;
  result.on = on;
  // The catalogue's part of the same design stands in for a CPU whose part is hidden: what measured is then the design.
  const auto& cpu = run.environment.cpu;
  const bool hidden = on.is_cpu && cpu.microarchitecture && cpu.model.value_or("").find(on.name) == std::string::npos;
  const std::string part = hidden ? *cpu.microarchitecture : on.name;
  result.run_id = run.id;
  result.label = "run " + run.started_at + " on " + part;
  if (on.is_cpu && cpu.usable_cpus) result.label += ", " + std::to_string(*cpu.usable_cpus) + " CPUs";
  if (run.provenance) result.label += ", imported from " + results::tools_of(*run.provenance);
  if (run.environment.cloud) {
    result.provider = run.environment.cloud->provider.value_or("");
    result.instance_type = run.environment.cloud->instance_type.value_or("");
  }
  std::map<std::pair<std::size_t, std::size_t>, work_sum> sums;
  for (const results::measurement& m : run.measurements) {
    if (m.device != name || m.status != results::measurement_status::ok) continue;
    // Whether a run was asked for bursts and soaks must not change what is planned from its ordinary figures.
    if (m.phase != results::measurement_phase::normal) continue;
    const double seconds = results::typical_time_ns(m).value_or(0) * 1e-9;
    if (!(seconds > 0)) continue;
    if (m.benchmark == "stream_triad" && m.work.bytes && on.memory_bandwidth_bytes_per_second > 0) {
      const double efficiency = *m.work.bytes / seconds / on.memory_bandwidth_bytes_per_second;
      result.memory_efficiency = std::max(result.memory_efficiency.value_or(0), efficiency);
      continue;
    }
    const auto parts = split_name(m.benchmark);
    if (!parts) continue;
    const auto& [base, p] = *parts;
    if (base == "resnet50_training_step" || base == "resnet50_inference") {
      const auto n = results::integer_parameter(m.params, "n");
      if (n) {
        result.networks.push_back(
            {base, p, *n, results::integer_parameter(m.params, "image_size").value_or(224), seconds});
      }
      continue;
    }
    if (!m.work.flop) continue;
    std::size_t kind = operator_kind_count;
    if (base == "gemm") kind = models::operator_shape(models::gemm{}).index();
    if (base.rfind("convolution_", 0) == 0) kind = models::operator_shape(models::convolution{}).index();
    if (kind == operator_kind_count) continue;
    work_sum& sum = sums[{kind, static_cast<std::size_t>(p)}];
    sum.flop += *m.work.flop;
    sum.seconds += seconds;
    sum.best_rate = std::max(sum.best_rate, *m.work.flop / seconds);
  }
  for (const auto& [key, sum] : sums) {
    const std::optional<double> peak = on.dense_peak_flop_per_second[key.second];
    if (!peak) continue;
    const bool is_gemm = key.first == models::operator_shape(models::gemm{}).index();
    result.compute_efficiency[key.first][key.second] = (is_gemm ? sum.best_rate : sum.flop / sum.seconds) / *peak;
  }
  return result;
}

/// Of a GPU, whose bandwidth and best rates alone estimates do not rest on.
bool times_operators(const results::run& run, const device& on, const profiles::catalogue& known) {
  predictor::observation_set found;
  predictor::add_observations(run, known, found);
  return std::any_of(found.rows.begin(), found.rows.end(),
                     [&](const predictor::observation& row) { return row.on->name == on.name; });
}

bool says_something(const measured_device& d) {
  if (!d.on.is_cpu) return d.has_operators || !d.networks.empty();
  if (d.memory_efficiency || !d.networks.empty()) return true;
  for (const auto& kind : d.compute_efficiency) {
    for (const auto& value : kind) {
      if (value) return true;
    }
  }
  return false;
}

/// Whether a run could use the whole instance: its cores or, where the system does not tell threads from cores, its
/// hardware threads. A container's share of the instance is another machine.
bool has_all_cores(const device& measured, const device& wanted, const profiles::instance& type) {
  const auto near = [&](double cores) { return std::abs(measured.cores - cores) <= 0.5; };
  return near(wanted.cores) || (type.vcpus && near(*type.vcpus));
}

}  // namespace

const measured_network* measured_device::find_network(std::string_view name, precision p, std::int64_t n,
                                                      std::int64_t image_size) const {
  const measured_network* best = nullptr;
  for (const measured_network& network : networks) {
    if (network.name != name || network.precision != p || network.image_size != image_size) continue;
    if (!best || std::llabs(network.n - n) < std::llabs(best->n - n)) best = &network;
  }
  return best;
}

std::vector<measured_device> measured_devices(const std::vector<results::run>& runs, const profiles::catalogue& known) {
  // ISO 8601 times in UTC sort as text.
  std::vector<const results::run*> by_time;
  by_time.reserve(runs.size());
  for (const results::run& run : runs) by_time.push_back(&run);
  std::stable_sort(by_time.begin(), by_time.end(),
                   [](const results::run* a, const results::run* b) { return a->started_at < b->started_at; });
  std::vector<measured_device> all;
  for (const results::run* one : by_time) {
    const results::run& run = *one;
    if (const auto host = host_device(run, known)) {
      measured_device cpu = summarize_device(run, *host, "cpu");
      if (says_something(cpu)) all.push_back(std::move(cpu));
    }
    for (const results::gpu_environment& gpu : run.environment.gpus) {
      if (const auto found = gpu_device(gpu, known)) {
        measured_device measured = summarize_device(run, *found, "gpu" + std::to_string(gpu.index));
        measured.has_operators = times_operators(run, *found, known);
        if (says_something(measured)) all.push_back(std::move(measured));
      }
    }
  }
  return all;
}

const measured_device* find_reference(const std::vector<measured_device>& measured, const device& wanted,
                                      const profiles::instance& type, kinship& how) {
  const measured_device* best = nullptr;
  for (const measured_device& candidate : measured) {
    if (candidate.on.is_cpu != wanted.is_cpu) continue;
    kinship kin = kinship::distant;
    if (wanted.is_cpu) {
      const bool same_type = candidate.provider == type.provider && candidate.instance_type == type.type;
      if (same_type && has_all_cores(candidate.on, wanted, type)) {
        kin = kinship::same;
      } else if (same_type || candidate.on.cpu == wanted.cpu) {
        kin = kinship::related;
      }
    } else {
      if (candidate.on.gpu != wanted.gpu) continue;
      kin = wanted.share < 1 || wanted.time_share < 1 ? kinship::related : kinship::same;
    }
    // The oldest comes first: a later one of the same kinship replaces an earlier.
    if (!best || kin <= how) {
      best = &candidate;
      how = kin;
    }
  }
  return best;
}

void apply_measurements(device_rates& rates, const device& on, const measured_device& reference, kinship how) {
  const double width = how == kinship::same ? 1.2 : how == kinship::related ? 1.4 : 1.8;
  const basis origin = how == kinship::same ? basis::interpolated : basis::scaled;
  std::optional<double> memory_rate;
  if (reference.memory_efficiency) {
    memory_rate = *reference.memory_efficiency * on.memory_bandwidth_bytes_per_second;
    if (how != kinship::same && on.is_cpu && on.cpu && on.cpu->memory_bandwidth_bytes_per_second) {
      const double socket = *on.cpu->memory_bandwidth_bytes_per_second;
      const double share = std::max(small_share, on.memory_bandwidth_bytes_per_second / socket);
      memory_rate = std::min(*memory_rate, reachable_bandwidth * share * socket);
    }
  }
  for (std::size_t kind = 0; kind < operator_kind_count; ++kind) {
    for (std::size_t p = 0; p < precision_count; ++p) {
      device_rates::cell& cell = rates.cells[kind][p];
      if (memory_rate) cell.memory_bytes_per_second = *memory_rate;
      const std::optional<double>& efficiency = reference.compute_efficiency[kind][p];
      const std::optional<double>& peak = on.dense_peak_flop_per_second[p];
      if (efficiency && peak) cell.compute_flop_per_second = *efficiency * *peak;
      const bool streams = kind == models::operator_shape(models::streaming{}).index() ||
                           kind == models::operator_shape(models::row_operation{}).index();
      if ((efficiency && peak) || (streams && memory_rate)) {
        cell.error_low = 1 / width;
        cell.error_high = width;
        cell.basis = origin;
      }
    }
  }
}

}  // namespace gpubench::planner
