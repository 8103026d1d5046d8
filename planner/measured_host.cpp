#include "planner/measured_host.hpp"

#include <algorithm>

namespace gpubench::planner {
namespace {

bool is_on_one_core(const results::measurement& m) {
  return results::integer_parameter(m.params, "threads") == 1;
}

void keep_best(std::optional<double>& best, double value) {
  best = std::max(best.value_or(value), value);
}

bool says(const results::measurement& m, const std::string& key, const std::string& text) {
  const auto found = m.method.find(key);
  return found != m.method.end() && found->second == text;
}

void take(const results::measurement& m, measured_host& host) {
  if (m.device != "cpu" || m.status != results::measurement_status::ok) return;
  if (m.phase != results::measurement_phase::normal) return;
  if (says(m, "file_system", "tmpfs") || says(m, "page_cache", "used")) return;
  const double seconds = results::typical_time_ns(m).value_or(0) * 1e-9;
  if (!(seconds > 0)) return;
  if (m.benchmark == "storage_dataset_scan" && m.work.bytes)
    keep_best(host.read_bytes_per_second, *m.work.bytes / seconds);
  if (m.benchmark == "storage_checkpoint" && m.work.bytes)
    keep_best(host.checkpoint_bytes_per_second, *m.work.bytes / seconds);
  const bool prepares = m.benchmark == "data_preparation_images" || m.benchmark == "data_preparation_text";
  if (prepares && m.work.items && is_on_one_core(m)) host.core_seconds[m.benchmark] = seconds / *m.work.items;
}

}  // namespace

std::vector<measured_host> measured_hosts(const std::vector<results::run>& runs) {
  std::vector<const results::run*> in_order;
  for (const results::run& run : runs) in_order.push_back(&run);
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const auto* a, const auto* b) { return a->started_at < b->started_at; });
  std::vector<measured_host> all;
  for (const results::run* run : in_order) {
    measured_host host;
    host.label = "run " + run->started_at;
    host.environment = run->environment;
    const auto& cpu = run->environment.cpu;
    if (const auto& name = cpu.model ? cpu.model : cpu.microarchitecture) host.label += " on " + *name;
    if (run->environment.cloud) {
      host.provider = run->environment.cloud->provider.value_or("");
      host.instance_type = run->environment.cloud->instance_type.value_or("");
    }
    for (const results::measurement& m : run->measurements) take(m, host);
    if (host.read_bytes_per_second || host.checkpoint_bytes_per_second || !host.core_seconds.empty())
      all.push_back(std::move(host));
  }
  return all;
}

storage_rates storage_of(const std::vector<measured_host>& measured, const std::string& provider,
                         const std::string& instance_type) {
  storage_rates rates;
  if (instance_type.empty()) return rates;
  for (const measured_host& one : measured) {
    if (one.provider != provider || one.instance_type != instance_type) continue;
    if (one.read_bytes_per_second) rates.read_bytes_per_second = one.read_bytes_per_second;
    if (one.checkpoint_bytes_per_second) rates.checkpoint_bytes_per_second = one.checkpoint_bytes_per_second;
  }
  return rates;
}

std::string preparation_benchmark(const profiles::workload& what) {
  switch (what.kind) {
    case profiles::workload_kind::cnn_train:
    case profiles::workload_kind::cnn_infer:
      return "data_preparation_images";
    case profiles::workload_kind::host:
      return what.host_benchmark;
    default:
      return {};
  }
}

const measured_host* latest_preparation(const std::vector<measured_host>& measured, const std::string& benchmark,
                                        const profiles::instance* on) {
  const measured_host* latest = nullptr;
  for (const measured_host& one : measured) {
    if (on && (one.instance_type.empty() || one.provider != on->provider || one.instance_type != on->type)) continue;
    if (one.core_seconds.contains(benchmark)) latest = &one;
  }
  return latest;
}

profiles::workload with_measured_preparation(profiles::workload what, const std::vector<measured_host>& measured,
                                             std::string& label) {
  const std::string benchmark = preparation_benchmark(what);
  const measured_host* const latest = latest_preparation(measured, benchmark);
  if (!latest || what.host_cpu_seconds_per_unit <= 0) return what;
  what.host_cpu_seconds_per_unit = latest->core_seconds.at(benchmark);
  label = latest->label;
  return what;
}

}  // namespace gpubench::planner
