#include "bench/cuda/module/host_placement.hpp"

#include "bench/cuda/module/failure.hpp"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

namespace gpubench::cuda {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  if (!stream || !std::getline(stream, line)) return std::nullopt;
  return line;
}

/// The number that a text begins with, and what follows it.
std::optional<long long> leading_number(std::string_view& text) {
  long long value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<long long> number_in(const fs::path& file) {
  const auto line = first_line(file);
  if (!line) return std::nullopt;
  std::string_view text = *line;
  return leading_number(text);
}

/// The number of the line that begins with a key: "MemTotal:       65842164 kB", "inactive_file 4096".
std::optional<double> keyed_number(const fs::path& file, std::string_view key) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line)) {
    std::string_view text = line;
    if (text.substr(0, key.size()) != key) continue;
    text.remove_prefix(std::min(text.size(), text.find_first_of("0123456789")));
    const auto number = leading_number(text);
    if (number) return static_cast<double>(*number);
  }
  return std::nullopt;
}

std::string refusal(const char* call) {
  return std::string("not set: ") + call + ": " + std::strerror(errno);
}

void lower_to(std::optional<double>& value, double limit) {
  if (!value || *value > limit) value = limit;
}

}  // namespace

near_host host_near(const fs::path& sys, std::string bus_id) {
  std::transform(bus_id.begin(), bus_id.end(), bus_id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const fs::path folder = sys / "bus/pci/devices" / bus_id;
  near_host result;
  const auto node = number_in(folder / "numa_node");
  if (!node || *node < 0) {
    result.numa_problem = node ? "not set: the kernel knows no NUMA node of the GPU (-1)"
                               : "not set: no " + (folder / "numa_node").string();
    result.cpu_problem = result.numa_problem;
    return result;
  }
  result.numa_node = static_cast<int>(*node);
  if (const auto list = first_line(folder / "local_cpulist")) result.cpus = parse_cpu_list(*list);
  if (result.cpus.empty()) {
    result.cpu_problem = "not set: no CPUs in " + (folder / "local_cpulist").string();
  }
  return result;
}

near_host host_near_device(int device) {
  std::array<char, 32> bus_id{};  // 13 characters by the documentation; more domains than 65536 would take more
  GPUBENCH_CUDA(cudaDeviceGetPCIBusId(bus_id.data(), static_cast<int>(bus_id.size()), device));
  return host_near("/sys", bus_id.data());
}

std::vector<int> parse_cpu_list(std::string_view text) {
  constexpr long long most = CPU_SETSIZE;
  std::vector<int> cpus;
  while (!text.empty()) {
    const auto first = leading_number(text);
    if (!first || *first < 0 || *first >= most) return {};
    auto last = first;
    if (!text.empty() && text.front() == '-') {
      text.remove_prefix(1);
      last = leading_number(text);
    }
    if (!last || *last < *first || *last >= most) return {};
    for (long long cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
    if (text.empty()) break;
    if (text.front() != ',') return {};
    text.remove_prefix(1);
    if (text.empty()) return {};
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

std::string cpu_list_text(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t end = i;
    while (end + 1 < cpus.size() && cpus[end + 1] == cpus[end] + 1) ++end;
    if (!text.empty()) text += ',';
    text += std::to_string(cpus[i]);
    if (end > i) text += '-' + std::to_string(cpus[end]);
    i = end + 1;
  }
  return text;
}

near_cpus_only::near_cpus_only(const near_host& where) : outcome_(where.cpu_problem) {
  if (where.cpus.empty()) return;
  if (sched_getaffinity(0, sizeof former_, &former_) != 0) {
    outcome_ = refusal("sched_getaffinity");
    return;
  }
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  std::vector<int> usable;
  for (const int cpu : where.cpus) {
    if (!CPU_ISSET(cpu, &former_)) continue;
    CPU_SET(cpu, &wanted);
    usable.push_back(cpu);
  }
  if (usable.empty()) {
    outcome_ = "not set: the process may use none of the GPU's CPUs " + cpu_list_text(where.cpus);
    return;
  }
  set_ = sched_setaffinity(0, sizeof wanted, &wanted) == 0;
  outcome_ = set_ ? cpu_list_text(usable) : refusal("sched_setaffinity");
}

near_cpus_only::~near_cpus_only() {
  // A CPU may have been taken from the process meanwhile; then it stays where it is.
  if (set_) static_cast<void>(sched_setaffinity(0, sizeof former_, &former_));
}

void add_placement_notes(std::vector<std::pair<std::string, std::string>>& notes, const near_host& where,
                         const std::string& cpu_affinity) {
  notes.emplace_back("numa_node", where.numa_node ? std::to_string(*where.numa_node) : where.numa_problem);
  notes.emplace_back("cpu_affinity", cpu_affinity);
}

host_memory host_memory_of(const fs::path& root) {
  constexpr double kib = 1024;  // what /proc/meminfo calls kB
  host_memory result;
  if (const auto total = keyed_number(root / "proc/meminfo", "MemTotal:")) result.total = *total * kib;
  if (const auto available = keyed_number(root / "proc/meminfo", "MemAvailable:")) result.available = *available * kib;
  const fs::path group = root / "sys/fs/cgroup";
  const auto limit = number_in(group / "memory.max");  // "max" where there is none
  if (!limit) return result;
  const auto bytes = static_cast<double>(*limit);
  lower_to(result.total, bytes);
  // Cached files that nobody has open give way.
  const auto used = static_cast<double>(number_in(group / "memory.current").value_or(0)) -
                    keyed_number(group / "memory.stat", "inactive_file ").value_or(0);
  lower_to(result.available, std::max(0.0, bytes - used));
  return result;
}

}  // namespace gpubench::cuda
