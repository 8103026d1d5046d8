#include "core/json_null.hpp"
#include "results/run.hpp"

#include <cmath>
#include <utility>

namespace gpubench::results {
namespace {

// For sizes, counts and rates that a system may report as 0 where it does not know them.
template <class Number>
json positive_or_null(const std::optional<Number>& value) {
  if (!value || !std::isfinite(static_cast<double>(*value)) || *value <= 0) return nullptr;
  return *value;
}

// Members that came after the first version stand only where there is something to say.
template <class Value>
void add_known(json& object, const char* key, const std::optional<Value>& value) {
  if (value && std::isfinite(static_cast<double>(*value))) object[key] = *value;
}

json interval_or_null(const std::optional<interval>& value) {
  if (!value) return nullptr;
  return {{"low", value->low}, {"high", value->high}};
}

json to_json(const cpu_environment& cpu) {
  return {{"model", or_null(cpu.model)},
          {"vendor", or_null(cpu.vendor)},
          {"family", cpu.family ? json(*cpu.family) : json(nullptr)},
          {"model_number", cpu.model_number ? json(*cpu.model_number) : json(nullptr)},
          {"stepping", cpu.stepping ? json(*cpu.stepping) : json(nullptr)},
          {"microarchitecture", or_null(cpu.microarchitecture)},
          {"sockets", positive_or_null(cpu.sockets)},
          {"physical_cores", positive_or_null(cpu.physical_cores)},
          {"logical_cpus", positive_or_null(cpu.logical_cpus)},
          {"usable_cpus", positive_or_null(cpu.usable_cpus)},
          {"features", cpu.features},
          {"l1d_bytes", positive_or_null(cpu.l1d_bytes)},
          {"l2_bytes", positive_or_null(cpu.l2_bytes)},
          {"l3_bytes", positive_or_null(cpu.l3_bytes)},
          {"numa_nodes", positive_or_null(cpu.numa_nodes)},
          {"governor", or_null(cpu.governor)},
          {"measured_clock_hertz", positive_or_null(cpu.measured_clock_hertz)}};
}

json to_json(const gpu_environment& gpu) {
  json object{{"index", gpu.index},
              {"name", gpu.name},
              {"uuid", or_null(gpu.uuid)},
              {"memory_bytes", positive_or_null(gpu.memory_bytes)},
              {"compute_capability", or_null(gpu.compute_capability)},
              {"max_sm_clock_hertz", positive_or_null(gpu.max_sm_clock_hertz)},
              {"max_memory_clock_hertz", positive_or_null(gpu.max_memory_clock_hertz)},
              {"power_limit_watts", positive_or_null(gpu.power_limit_watts)},
              {"default_power_limit_watts", positive_or_null(gpu.default_power_limit_watts)},
              {"ecc", or_null(gpu.ecc)},
              {"mig", or_null(gpu.mig)},
              {"pcie_generation", positive_or_null(gpu.pcie_generation)},
              {"pcie_width", positive_or_null(gpu.pcie_width)}};
  add_known(object, "pcie_current_generation", gpu.pcie_current_generation);
  add_known(object, "pcie_max_width", gpu.pcie_max_width);
  add_known(object, "nvlinks", gpu.nvlinks);
  if (gpu.persistence_mode) object["persistence_mode"] = *gpu.persistence_mode;
  if (gpu.virtualization) object["virtualization"] = *gpu.virtualization;
  if (!gpu.mig_devices.empty()) object["mig_devices"] = gpu.mig_devices;
  if (gpu.mig_slice) object["mig_slice"] = *gpu.mig_slice;
  add_known(object, "mig_compute_share", gpu.mig_compute_share);
  add_known(object, "mig_memory_share", gpu.mig_memory_share);
  return object;
}

json to_json(const std::optional<cloud_environment>& cloud) {
  if (!cloud) return nullptr;
  return {{"provider", or_null(cloud->provider)},
          {"instance_type", or_null(cloud->instance_type)},
          {"source", text_or_null(cloud->source)}};
}

json text_map(const std::map<std::string, std::string>& values) {
  json object = json::object();
  for (const auto& [key, value] : values) object[key] = value;
  return object;
}

json to_json(const std::optional<sample_statistics>& s) {
  if (!s) return nullptr;
  return {{"n", s->n},     {"median", s->median}, {"mean", s->mean},
          {"min", s->min}, {"max", s->max},       {"stddev", or_null(s->stddev)},
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
          {"error", or_null(std::optional(v->error))},
          {"tolerance", v->tolerance},
          {"passed", v->passed()}};
}

json to_json(const parameters& params) {
  json object = json::object();
  for (const auto& [key, value] : params) std::visit([&, &name = key](const auto& v) { object[name] = v; }, value);
  return object;
}

void add_known(json& object, const char* key, const std::vector<std::optional<double>>& values) {
  if (values.empty()) return;
  json list = json::array();
  for (const auto& value : values) list.push_back(or_null(value));
  object[key] = std::move(list);
}

json to_json(const work_done& work) {
  json object{{"flop", or_null(work.flop)},
              {"bytes", or_null(work.bytes)},
              {"items", or_null(work.items)},
              {"item", text_or_null(work.item)}};
  add_known(object, "bus_bytes", work.bus_bytes);
  return object;
}

json to_json(const rates& rate) {
  json object{{"flop_per_second", or_null(rate.flop_per_second)},
              {"bytes_per_second", or_null(rate.bytes_per_second)},
              {"items_per_second", or_null(rate.items_per_second)}};
  add_known(object, "busbw_bytes_per_second", rate.busbw_bytes_per_second);
  return object;
}

json to_json(const reported_figures& figures) {
  json object = json::object();
  json time = json::object();
  if (figures.time_ns.n) time["n"] = *figures.time_ns.n;
  add_known(time, "median", figures.time_ns.median);
  add_known(time, "mean", figures.time_ns.mean);
  add_known(time, "min", figures.time_ns.min);
  add_known(time, "max", figures.time_ns.max);
  add_known(time, "stddev", figures.time_ns.stddev);
  object["time_ns"] = time.empty() ? json(nullptr) : std::move(time);
  json values = json::array();
  for (const auto& value : figures.values)
    values.push_back({{"name", value.name}, {"value", value.value}, {"unit", or_null(value.unit)}});
  object["values"] = std::move(values);
  return object;
}

json to_json(const import_provenance& provenance) {
  json sources = json::array();
  for (const auto& source : provenance.sources)
    sources.push_back({{"file", source.file},
                       {"format", source.format},
                       {"tool", source.tool},
                       {"tool_version", or_null(source.tool_version)},
                       {"measured_at", or_null(source.measured_at)},
                       {"bytes", source.bytes},
                       {"sha256", or_null(source.sha256)}});
  return {{"kind", "imported"}, {"imported_at", provenance.imported_at}, {"sources", std::move(sources)}};
}

json to_json(const telemetry& t) {
  json object{{"clock_hertz", positive_or_null(t.clock_hertz)},
              {"power_watts", positive_or_null(t.power_watts)},
              {"temperature_celsius", or_null(t.temperature_celsius)},
              {"competing_load", or_null(t.competing_load)},
              {"throttle_reasons", t.throttle_reasons}};
  add_known(object, "memory_clock_hertz", t.memory_clock_hertz);
  add_known(object, "power_limit_watts", t.power_limit_watts);
  add_known(object, "memory_temperature_celsius", t.memory_temperature_celsius);
  add_known(object, "energy_joules", t.energy_joules);
  add_known(object, "pcie_generation", t.pcie_generation);
  add_known(object, "pcie_width", t.pcie_width);
  add_known(object, "other_processes", t.other_processes);
  if (t.throttled_samples) object["throttled_samples"] = *t.throttled_samples;
  if (!t.samples_by_throttle.empty()) object["samples_by_throttle"] = t.samples_by_throttle;
  add_known(object, "seconds_to_throttle", t.seconds_to_throttle);
  return object;
}

}  // namespace

json to_json(const environment& e) {
  json gpus = json::array();
  for (const auto& gpu : e.gpus) gpus.push_back(to_json(gpu));
  return {{"operating_system", or_null(e.operating_system)},
          {"kernel", or_null(e.kernel)},
          {"hypervisor", or_null(e.hypervisor)},
          {"container", or_null(e.container)},
          {"cpu", to_json(e.cpu)},
          {"memory_bytes", positive_or_null(e.memory_bytes)},
          {"cgroup_cpu_limit", positive_or_null(e.cgroup_cpu_limit)},
          {"cgroup_memory_limit_bytes", positive_or_null(e.cgroup_memory_limit_bytes)},
          {"cloud", to_json(e.cloud)},
          {"gpu_driver_version", or_null(e.gpu_driver_version)},
          {"gpu_status", text_or_null(e.gpu_status)},
          {"gpus", std::move(gpus)},
          {"libraries", text_map(e.libraries)},
          {"variables", text_map(e.variables)}};
}

json to_json(const measurement& m) {
  json object;
  object["name"] = full_name(m);
  object["benchmark"] = m.benchmark;
  object["parameters"] = to_json(m.params);
  object["backend"] = m.backend;
  object["device"] = m.device;
  if (m.phase != measurement_phase::normal) object["phase"] = to_string(m.phase);
  object["status"] = to_string(m.status);
  object["reason"] = text_or_null(m.reason);
  object["work"] = to_json(m.work);
  object["samples_ns"] = m.samples_ns;
  add_known(object, "host_ns", m.host_ns);
  add_known(object, "clock_samples_hertz", m.clock_samples_hertz);
  object["time_ns"] = to_json(m.time_ns);
  object["rates"] = to_json(m.rate);
  if (m.reported) object["reported"] = to_json(*m.reported);
  object["peak"] = to_json(m.peak);
  object["telemetry"] = to_json(m.telemetry);
  object["verification"] = to_json(m.verification);
  object["stopped_by"] = m.stopped_by ? json(to_string(*m.stopped_by)) : json(nullptr);
  object["warnings"] = m.warnings;
  if (!m.method.empty()) object["method"] = text_map(m.method);
  for (const auto& pair : m.pairs)
    object["pairs"].push_back({{"ranks", {pair.first, pair.second}}, {"median_ns", pair.median_ns}});
  return object;
}

json to_json(const run& value) {
  json object;
  object["schema"] = run_schema;
  object["id"] = value.id;
  object["started_at"] = value.started_at;
  object["finished_at"] = or_null(value.finished_at);
  object["tool_version"] = value.tool_version;
  object["suite"] = value.suite;
  object["budget_seconds"] = positive_or_null(value.budget_seconds);
  if (value.burst) object["burst"] = true;
  if (value.soak_seconds) object["soak_seconds"] = positive_or_null(value.soak_seconds);
  if (value.backend) object["backend"] = *value.backend;
  if (!value.devices.empty()) object["devices"] = value.devices;
  if (value.provenance) object["provenance"] = to_json(*value.provenance);
  object["environment"] = to_json(value.environment);
  for (const auto& place : value.ranks) {
    json one{{"rank", place.rank}, {"node", place.node}};
    if (place.interface) one["interface"] = *place.interface;
    add_known(one, "interface_bytes_per_second", place.interface_bytes_per_second);
    object["ranks"].push_back(std::move(one));
  }
  json measurements = json::array();
  for (const auto& m : value.measurements) measurements.push_back(to_json(m));
  object["measurements"] = std::move(measurements);
  return object;
}

}  // namespace gpubench::results
