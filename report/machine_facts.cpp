#include "core/text.hpp"
#include "core/units.hpp"
#include "report/figures.hpp"
#include "report/measured.hpp"

#include <fmt/format.h>

#include <cmath>

namespace gpubench::report {
namespace {

using fact_list = std::vector<std::pair<std::string, std::string>>;

void add(fact_list& facts, const char* name, const std::optional<std::string>& value) {
  if (value && !value->empty()) facts.emplace_back(name, *value);
}

std::string joined_map(const std::map<std::string, std::string>& values, std::string_view between) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : values) parts.push_back(fmt::format("{}{}{}", name, between, value));
  return join(parts, ", ");
}

std::optional<std::string> bytes(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? std::optional(format_bytes(*value)) : std::nullopt;
}

void add_cpu(fact_list& facts, const results::cpu_environment& cpu) {
  add(facts, "CPU", cpu.model ? cpu.model : cpu.vendor);
  add(facts, "Microarchitecture", cpu.microarchitecture);
  std::vector<std::string> counts;
  if (cpu.sockets) counts.push_back(fmt::format("{} socket{}", *cpu.sockets, *cpu.sockets == 1 ? "" : "s"));
  if (cpu.physical_cores) counts.push_back(fmt::format("{} physical cores", *cpu.physical_cores));
  if (cpu.logical_cpus) counts.push_back(fmt::format("{} logical CPUs", *cpu.logical_cpus));
  if (cpu.usable_cpus) counts.push_back(fmt::format("{} usable", *cpu.usable_cpus));
  if (cpu.numa_nodes) counts.push_back(fmt::format("{} NUMA node{}", *cpu.numa_nodes, *cpu.numa_nodes == 1 ? "" : "s"));
  if (!counts.empty()) facts.emplace_back("Cores", join(counts, ", "));
  std::vector<std::string> caches;
  if (const auto size = bytes(cpu.l1d_bytes)) caches.push_back("L1d " + *size);
  if (const auto size = bytes(cpu.l2_bytes)) caches.push_back("L2 " + *size);
  if (const auto size = bytes(cpu.l3_bytes)) caches.push_back("L3 " + *size);
  if (!caches.empty()) facts.emplace_back("Caches", join(caches, ", "));
  if (cpu.measured_clock_hertz) facts.emplace_back("Measured clock", format_si(*cpu.measured_clock_hertz, "Hz"));
  add(facts, "Governor", cpu.governor);
  if (!cpu.features.empty()) facts.emplace_back("Instruction sets", join(cpu.features, ", "));
}

std::string gpu_fact(const results::gpu_environment& gpu) {
  std::string text = gpu.name;
  if (const auto size = bytes(gpu.memory_bytes)) text += ", " + *size;
  if (gpu.compute_capability) text += ", compute capability " + *gpu.compute_capability;
  if (gpu.power_limit_watts) text += fmt::format(", {:.0f} W", *gpu.power_limit_watts);
  if (gpu.ecc) text += *gpu.ecc ? ", ECC on" : ", ECC off";
  if (gpu.mig_slice) {
    text += ", MIG slice " + *gpu.mig_slice;
  } else if (gpu.mig.value_or(false)) {
    text += ", MIG";
  }
  if (gpu.virtualization && *gpu.virtualization != "none") text += ", " + *gpu.virtualization;
  if (gpu.pcie_generation && gpu.pcie_width)
    text += fmt::format(", PCIe {}.0 x{}", *gpu.pcie_generation, *gpu.pcie_width);
  if (gpu.nvlinks) text += fmt::format(", {} NVLink{}", *gpu.nvlinks, *gpu.nvlinks == 1 ? "" : "s");
  return text;
}

}  // namespace

std::string machine_line(const results::environment& machine) {
  std::vector<std::string> parts;
  if (const auto& cloud = machine.cloud) {
    std::string name = cloud->provider.value_or("");
    if (cloud->instance_type) name += (name.empty() ? "" : " ") + *cloud->instance_type;
    if (!name.empty()) parts.push_back(cloud->source.empty() ? name : fmt::format("{} (from {})", name, cloud->source));
  }
  std::string cpu;
  if (const auto count = machine.cpu.usable_cpus) cpu = fmt::format("{} CPU{} ", *count, *count == 1 ? "" : "s");
  if (machine.cpu.microarchitecture)
    cpu += *machine.cpu.microarchitecture;
  else if (machine.cpu.model)
    cpu += *machine.cpu.model;
  if (const auto text = trim(cpu); !text.empty()) parts.emplace_back(text);
  if (const auto size = bytes(machine.memory_bytes)) parts.push_back(*size);
  for (std::size_t i = 0, count = 0; i < machine.gpus.size(); i += count) {  // neighbours of one name together
    const auto& name = machine.gpus[i].name;
    for (count = 1; i + count < machine.gpus.size() && machine.gpus[i + count].name == name;) ++count;
    parts.push_back(count > 1 ? fmt::format("{} × {}", count, name) : name);
  }
  if (machine.gpus.empty() && !machine.gpu_status.empty()) parts.push_back(machine.gpu_status);
  return parts.empty() ? "a machine that is not known" : join(parts, ", ");
}

std::vector<std::pair<std::string, std::string>> machine_facts(const results::environment& machine) {
  fact_list facts;
  if (const auto& cloud = machine.cloud) {
    add(facts, "Cloud", cloud->provider);
    if (cloud->instance_type)
      facts.emplace_back("Instance type", fmt::format("{} (from {})", *cloud->instance_type, cloud->source));
  }
  add_cpu(facts, machine.cpu);
  add(facts, "Usable memory", bytes(machine.memory_bytes));
  if (machine.cgroup_cpu_limit)
    facts.emplace_back("cgroup CPU limit", fmt::format("{} CPUs", *machine.cgroup_cpu_limit));
  add(facts, "cgroup memory limit", bytes(machine.cgroup_memory_limit_bytes));
  for (const auto& gpu : machine.gpus) facts.emplace_back(fmt::format("GPU {}", gpu.index), gpu_fact(gpu));
  if (!machine.gpu_status.empty()) facts.emplace_back("GPU status", machine.gpu_status);
  add(facts, "GPU driver", machine.gpu_driver_version);
  add(facts, "Operating system", machine.operating_system);
  add(facts, "Kernel", machine.kernel);
  add(facts, "Hypervisor", machine.hypervisor);
  add(facts, "Container", machine.container);
  if (!machine.libraries.empty()) facts.emplace_back("Libraries", joined_map(machine.libraries, " "));
  if (!machine.variables.empty()) facts.emplace_back("Variables", joined_map(machine.variables, "="));
  return facts;
}

}  // namespace gpubench::report
