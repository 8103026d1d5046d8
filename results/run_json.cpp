#include "results/run.hpp"

#include <cmath>
#include <utility>

namespace gpubench::results {
namespace {

json text_or_null(const std::string& value) {
  return value.empty() ? json(nullptr) : json(value);
}
json text_or_null(const std::optional<std::string>& value) {
  return value ? json(*value) : json(nullptr);
}

// JSON has no NaN or infinity: a value that is not finite is unknown.
json number_or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? json(*value) : json(nullptr);
}

// For sizes, counts and rates that a system may report as 0 where it does not know them.
template <class Number>
json positive_or_null(const std::optional<Number>& value) {
  if (!value || !std::isfinite(static_cast<double>(*value)) || *value <= 0) return nullptr;
  return *value;
}

json flag_or_null(const std::optional<bool>& value) {
  return value ? json(*value) : json(nullptr);
}

json interval_or_null(const std::optional<interval>& value) {
  if (!value) return nullptr;
  return {{"low", value->low}, {"high", value->high}};
}

json to_json(const cpu_environment& cpu) {
  return {{"model", text_or_null(cpu.model)},
          {"vendor", text_or_null(cpu.vendor)},
          {"family", cpu.family ? json(*cpu.family) : json(nullptr)},
          {"model_number", cpu.model_number ? json(*cpu.model_number) : json(nullptr)},
          {"stepping", cpu.stepping ? json(*cpu.stepping) : json(nullptr)},
          {"microarchitecture", text_or_null(cpu.microarchitecture)},
          {"sockets", positive_or_null(cpu.sockets)},
          {"physical_cores", positive_or_null(cpu.physical_cores)},
          {"logical_cpus", positive_or_null(cpu.logical_cpus)},
          {"usable_cpus", cpu.usable_cpus},
          {"features", cpu.features},
          {"l1d_bytes", positive_or_null(cpu.l1d_bytes)},
          {"l2_bytes", positive_or_null(cpu.l2_bytes)},
          {"l3_bytes", positive_or_null(cpu.l3_bytes)},
          {"numa_nodes", positive_or_null(cpu.numa_nodes)},
          {"governor", text_or_null(cpu.governor)},
          {"measured_clock_hertz", positive_or_null(cpu.measured_clock_hertz)}};
}

json to_json(const gpu_environment& gpu) {
  return {{"index", gpu.index},
          {"name", gpu.name},
          {"uuid", text_or_null(gpu.uuid)},
          {"memory_bytes", positive_or_null(gpu.memory_bytes)},
          {"compute_capability", text_or_null(gpu.compute_capability)},
          {"max_sm_clock_hertz", positive_or_null(gpu.max_sm_clock_hertz)},
          {"max_memory_clock_hertz", positive_or_null(gpu.max_memory_clock_hertz)},
          {"power_limit_watts", positive_or_null(gpu.power_limit_watts)},
          {"default_power_limit_watts", positive_or_null(gpu.default_power_limit_watts)},
          {"ecc", flag_or_null(gpu.ecc)},
          {"mig", flag_or_null(gpu.mig)},
          {"pcie_generation", positive_or_null(gpu.pcie_generation)},
          {"pcie_width", positive_or_null(gpu.pcie_width)}};
}

json to_json(const std::optional<cloud_environment>& cloud) {
  if (!cloud) return nullptr;
  return {{"provider", text_or_null(cloud->provider)},
          {"instance_type", text_or_null(cloud->instance_type)},
          {"source", text_or_null(cloud->source)}};
}

json text_map(const std::map<std::string, std::string>& values) {
  json object = json::object();
  for (const auto& [key, value] : values) object[key] = value;
  return object;
}

json to_json(const environment& e) {
  json gpus = json::array();
  for (const auto& gpu : e.gpus) gpus.push_back(to_json(gpu));
  return {{"operating_system", text_or_null(e.operating_system)},
          {"kernel", text_or_null(e.kernel)},
          {"hypervisor", text_or_null(e.hypervisor)},
          {"container", text_or_null(e.container)},
          {"cpu", to_json(e.cpu)},
          {"memory_bytes", positive_or_null(e.memory_bytes)},
          {"cgroup_cpu_limit", positive_or_null(e.cgroup_cpu_limit)},
          {"cgroup_memory_limit_bytes", positive_or_null(e.cgroup_memory_limit_bytes)},
          {"cloud", to_json(e.cloud)},
          {"gpu_driver_version", text_or_null(e.gpu_driver_version)},
          {"gpu_status", text_or_null(e.gpu_status)},
          {"gpus", std::move(gpus)},
          {"libraries", text_map(e.libraries)},
          {"variables", text_map(e.variables)}};
}

json to_json(const std::optional<sample_statistics>& s) {
  if (!s) return nullptr;
  return {{"n", s->n},     {"median", s->median}, {"mean", s->mean},
          {"min", s->min}, {"max", s->max},       {"stddev", number_or_null(s->stddev)},
          {"p5", s->p5},   {"p95", s->p95},       {"median_interval", interval_or_null(s->median_interval)}};
}

json to_json(const std::optional<peak_fraction>& peak) {
  if (!peak || !std::isfinite(peak->fraction) || !(peak->peak > 0)) return nullptr;
  return {{"fraction_of_peak", peak->fraction},
          {"peak_kind", peak->kind},
          {"peak_per_second", peak->peak},
          {"source", text_or_null(peak->source)}};
}

json to_json(const std::optional<verification>& v) {
  if (!v) return nullptr;
  return {{"compared", v->compared},
          {"error", number_or_null(v->error)},
          {"tolerance", v->tolerance},
          {"passed", v->passed()}};
}

json to_json(const parameters& params) {
  json object = json::object();
  for (const auto& [key, value] : params) std::visit([&, &name = key](const auto& v) { object[name] = v; }, value);
  return object;
}

}  // namespace

json to_json(const measurement& m) {
  json object;
  object["name"] = full_name(m);
  object["benchmark"] = m.benchmark;
  object["parameters"] = to_json(m.params);
  object["backend"] = m.backend;
  object["device"] = m.device;
  object["status"] = to_string(m.status);
  object["reason"] = text_or_null(m.reason);
  object["work"] = {{"flop", number_or_null(m.work.flop)},
                    {"bytes", number_or_null(m.work.bytes)},
                    {"items", number_or_null(m.work.items)},
                    {"item", text_or_null(m.work.item)}};
  object["samples_ns"] = m.samples_ns;
  object["time_ns"] = to_json(m.time_ns);
  object["rates"] = {{"flop_per_second", number_or_null(m.rate.flop_per_second)},
                     {"bytes_per_second", number_or_null(m.rate.bytes_per_second)},
                     {"items_per_second", number_or_null(m.rate.items_per_second)}};
  object["peak"] = to_json(m.peak);
  object["telemetry"] = {{"clock_hertz", positive_or_null(m.telemetry.clock_hertz)},
                         {"power_watts", positive_or_null(m.telemetry.power_watts)},
                         {"temperature_celsius", number_or_null(m.telemetry.temperature_celsius)},
                         {"competing_load", number_or_null(m.telemetry.competing_load)},
                         {"throttle_reasons", m.telemetry.throttle_reasons}};
  object["verification"] = to_json(m.verification);
  object["stopped_by"] = m.stopped_by ? json(to_string(*m.stopped_by)) : json(nullptr);
  object["warnings"] = m.warnings;
  return object;
}

json to_json(const run& value) {
  json object;
  object["schema"] = run_schema;
  object["id"] = value.id;
  object["started_at"] = value.started_at;
  object["finished_at"] = text_or_null(value.finished_at);
  object["tool_version"] = value.tool_version;
  object["suite"] = value.suite;
  object["budget_seconds"] = positive_or_null(value.budget_seconds);
  object["environment"] = to_json(value.environment);
  json measurements = json::array();
  for (const auto& m : value.measurements) measurements.push_back(to_json(m));
  object["measurements"] = std::move(measurements);
  return object;
}

}  // namespace gpubench::results
