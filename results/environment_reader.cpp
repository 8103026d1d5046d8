#include "results/run_reader.hpp"

#include <limits>

namespace gpubench::results {
namespace {

constexpr int largest_int = std::numeric_limits<int>::max();

std::optional<std::string> text_of(const json_field& object, std::string_view key) {
  const auto field = object.find(key);
  return field ? std::optional(field->text()) : std::nullopt;
}

std::optional<double> positive_of(const json_field& object, std::string_view key) {
  const auto field = object.find(key);
  return field ? std::optional(field->positive_number()) : std::nullopt;
}

std::optional<int> int_of(const json_field& object, std::string_view key, int lowest) {
  const auto field = object.find(key);
  return field ? std::optional(static_cast<int>(field->integer(lowest, largest_int))) : std::nullopt;
}

std::optional<double> share_of(const json_field& object, std::string_view key) {
  const auto field = object.find(key);
  if (!field) return std::nullopt;
  const double share = field->positive_number();
  if (share > 1) field->refuse("is a share above 1");
  return share;
}

std::optional<bool> flag_of(const json_field& object, std::string_view key) {
  const auto field = object.find(key);
  return field ? std::optional(field->flag()) : std::nullopt;
}

cpu_environment cpu_from_json(const json_field& field) {
  cpu_environment cpu;
  cpu.model = text_of(field, "model");
  cpu.vendor = text_of(field, "vendor");
  cpu.family = int_of(field, "family", 0);
  cpu.model_number = int_of(field, "model_number", 0);
  cpu.stepping = int_of(field, "stepping", 0);
  cpu.microarchitecture = text_of(field, "microarchitecture");
  cpu.sockets = int_of(field, "sockets", 1);
  cpu.physical_cores = int_of(field, "physical_cores", 1);
  cpu.logical_cpus = int_of(field, "logical_cpus", 1);
  cpu.usable_cpus = int_of(field, "usable_cpus", 1);
  if (const auto features = field.find("features")) cpu.features = features->texts();
  cpu.l1d_bytes = positive_of(field, "l1d_bytes");
  cpu.l2_bytes = positive_of(field, "l2_bytes");
  cpu.l3_bytes = positive_of(field, "l3_bytes");
  cpu.numa_nodes = int_of(field, "numa_nodes", 1);
  cpu.governor = text_of(field, "governor");
  cpu.measured_clock_hertz = positive_of(field, "measured_clock_hertz");
  return cpu;
}

gpu_environment gpu_from_json(const json_field& field) {
  gpu_environment gpu;
  gpu.index = static_cast<int>(field.at("index").integer(0, largest_int));
  gpu.name = field.at("name").text();
  gpu.uuid = text_of(field, "uuid");
  gpu.memory_bytes = positive_of(field, "memory_bytes");
  gpu.compute_capability = text_of(field, "compute_capability");
  gpu.max_sm_clock_hertz = positive_of(field, "max_sm_clock_hertz");
  gpu.max_memory_clock_hertz = positive_of(field, "max_memory_clock_hertz");
  gpu.power_limit_watts = positive_of(field, "power_limit_watts");
  gpu.default_power_limit_watts = positive_of(field, "default_power_limit_watts");
  gpu.ecc = flag_of(field, "ecc");
  gpu.mig = flag_of(field, "mig");
  gpu.pcie_generation = int_of(field, "pcie_generation", 1);
  gpu.pcie_width = int_of(field, "pcie_width", 1);
  gpu.pcie_current_generation = int_of(field, "pcie_current_generation", 1);
  gpu.pcie_max_width = int_of(field, "pcie_max_width", 1);
  gpu.nvlinks = int_of(field, "nvlinks", 0);
  gpu.persistence_mode = flag_of(field, "persistence_mode");
  gpu.virtualization = text_of(field, "virtualization");
  if (const auto slices = field.find("mig_devices")) gpu.mig_devices = slices->texts();
  gpu.mig_slice = text_of(field, "mig_slice");
  gpu.mig_compute_share = share_of(field, "mig_compute_share");
  gpu.mig_memory_share = share_of(field, "mig_memory_share");
  return gpu;
}

}  // namespace

environment environment_from_json(const json_field& field) {
  environment e;
  e.operating_system = text_of(field, "operating_system");
  e.kernel = text_of(field, "kernel");
  e.hypervisor = text_of(field, "hypervisor");
  e.container = text_of(field, "container");
  e.cpu = cpu_from_json(field.at("cpu"));
  e.memory_bytes = positive_of(field, "memory_bytes");
  e.cgroup_cpu_limit = positive_of(field, "cgroup_cpu_limit");
  e.cgroup_memory_limit_bytes = positive_of(field, "cgroup_memory_limit_bytes");
  if (const auto cloud = field.find("cloud"))
    e.cloud = cloud_environment{text_of(*cloud, "provider"), text_of(*cloud, "instance_type"),
                                text_of(*cloud, "source").value_or("")};
  e.gpu_driver_version = text_of(field, "gpu_driver_version");
  e.gpu_status = text_of(field, "gpu_status").value_or("");
  if (const auto gpus = field.find("gpus"))
    for (const auto& gpu : gpus->elements()) e.gpus.push_back(gpu_from_json(gpu));
  if (const auto libraries = field.find("libraries")) e.libraries = libraries->text_map();
  if (const auto variables = field.find("variables")) e.variables = variables->text_map();
  return e;
}

}  // namespace gpubench::results
