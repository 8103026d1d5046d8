#include "bench/machine.hpp"

#include "bench/cgroup.hpp"
#include "bench/cloud.hpp"
#include "bench/cpu_discovery.hpp"
#include "bench/libraries.hpp"
#include "bench/nvml.hpp"
#include "bench/system_files.hpp"
#include "bench/variables.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::bench {

namespace {

/// PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" of os-release(5).
std::optional<std::string> operating_system(const system_files& files) {
  auto text = files.text("etc/os-release");
  if (!text) text = files.text("usr/lib/os-release");
  if (!text) return std::nullopt;
  for (const auto& line : split(*text, '\n')) {
    constexpr std::string_view name = "PRETTY_NAME=";
    if (line.rfind(name, 0) != 0) continue;
    std::string value = line.substr(name.size());
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
      value = value.substr(1, value.size() - 2);
    }
    if (!value.empty()) return value;
  }
  return std::nullopt;
}

std::optional<double> physical_memory_bytes(const system_files& files) {
  const auto meminfo = files.text("proc/meminfo");
  const auto total = meminfo ? colon_value(*meminfo, "MemTotal") : std::nullopt;
  if (!total) return std::nullopt;
  const auto kilobytes = parse_number(total->substr(0, total->find(' ')));
  return kilobytes && *kilobytes > 0 ? std::optional<double>(*kilobytes * kib) : std::nullopt;
}

}  // namespace

results::environment discover_machine(const std::string& root) {
  const system_files files(root);
  results::environment found;
  found.operating_system = operating_system(files);
  found.kernel = files.line("proc/sys/kernel/osrelease");
  found.hypervisor = discover_hypervisor(files);
  found.container = discover_container(files);
  found.cpu = discover_cpu(files);
  found.memory_bytes = physical_memory_bytes(files);

  const auto limits = discover_cgroup_limits(files);
  found.cgroup_cpu_limit = limits.cpus;
  if (limits.cpus) {
    const int whole = std::max(1, static_cast<int>(std::floor(*limits.cpus)));
    found.cpu.usable_cpus = std::min(found.cpu.usable_cpus.value_or(whole), whole);
  }
  found.cgroup_memory_limit_bytes = limits.memory_bytes;
  if (limits.memory_bytes) {
    found.memory_bytes = std::min(found.memory_bytes.value_or(*limits.memory_bytes), *limits.memory_bytes);
  }

  found.cloud = discover_cloud(files);
  found.libraries = library_versions();
  if (files.is_this_machine()) {
    found.variables = chosen_variables(process_environment());
    auto gpus = discover_gpus();
    found.gpus = std::move(gpus.gpus);
    found.gpu_driver_version = std::move(gpus.driver_version);
    found.gpu_status = std::move(gpus.status);
  } else {
    found.gpu_status = "not looked for in a recorded tree";
  }
  return found;
}

machine describe_machine(const results::environment& environment) {
  const auto& cpu = environment.cpu;
  machine where{environment};
  where.threads = cpu.usable_cpus.value_or(1);
  const double largest_per_core = cpu.l2_bytes.value_or(0) * cpu.physical_cores.value_or(where.threads);
  where.last_level_cache_bytes = cpu.l3_bytes ? *cpu.l3_bytes * cpu.sockets.value_or(1) : largest_per_core;
  where.usable_memory_bytes = environment.memory_bytes.value_or(0);
  return where;
}

}  // namespace gpubench::bench
