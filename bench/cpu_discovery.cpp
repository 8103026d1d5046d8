#include "bench/cpu_discovery.hpp"

#include "bench/clock.hpp"
#include "bench/microarchitecture.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace gpubench::bench {

namespace {

const std::string cpu_folder = "sys/devices/system/cpu";

std::optional<int> as_int(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto number = parse_integer(*text);
  return number ? std::optional<int>(static_cast<int>(*number)) : std::nullopt;
}

/// "0x41" as in the "CPU implementer" line of Arm.
std::optional<int> as_hexadecimal(const std::optional<std::string>& text) {
  if (!text || text->rfind("0x", 0) != 0) return std::nullopt;
  char* end = nullptr;
  const long value = std::strtol(text->c_str(), &end, 16);
  return *end == '\0' ? std::optional<int>(static_cast<int>(value)) : std::nullopt;
}

/// The kernel's flag names that matter for speed: vector and matrix units, x86 then Arm.
const std::set<std::string>& features_of_interest() {
  static const std::set<std::string> names = {
      "sse4_2",   "avx",      "f16c",     "fma",         "avx2",        "avx_vnni",    "avx512f",  "avx512bw",
      "avx512dq", "avx512vl", "avx512cd", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16",
      "amx_int8", "amx_fp16", "asimd",    "asimdhp",     "asimddp",     "sve",         "sve2",     "bf16",
      "i8mm",     "svebf16",  "svei8mm",  "sme",         "sme2"};
  return names;
}

void read_identity(const std::string& cpuinfo, results::cpu_environment& cpu) {
  cpu.model = colon_value(cpuinfo, "model name");
  cpu.vendor = colon_value(cpuinfo, "vendor_id");
  cpu.family = as_int(colon_value(cpuinfo, "cpu family"));
  cpu.model_number = as_int(colon_value(cpuinfo, "model"));
  cpu.stepping = as_int(colon_value(cpuinfo, "stepping"));
  cpu.microarchitecture = x86_microarchitecture(cpu);
  const auto implementer = as_hexadecimal(colon_value(cpuinfo, "CPU implementer"));
  const auto part = as_hexadecimal(colon_value(cpuinfo, "CPU part"));
  if (implementer && part) {
    cpu.microarchitecture = arm_microarchitecture(*implementer, *part);
    if (!cpu.vendor) cpu.vendor = *implementer == 0x41 ? "ARM" : fmt::format("implementer {:#x}", *implementer);
  }
  auto flags = colon_value(cpuinfo, "flags");
  if (!flags) flags = colon_value(cpuinfo, "Features");
  std::istringstream words(flags.value_or(""));
  for (std::string word; words >> word;) {
    if (features_of_interest().count(word) > 0) cpu.features.push_back(word);
  }
}

void read_topology(const system_files& files, const std::vector<int>& cpus, results::cpu_environment& cpu) {
  std::set<long long> sockets;
  std::set<std::pair<long long, std::string>> cores;  // socket, and the CPUs that share the core
  for (const int id : cpus) {
    const auto folder = fmt::format("{}/cpu{}/topology/", cpu_folder, id);
    const auto socket = files.integer(folder + "physical_package_id");
    auto siblings = files.line(folder + "core_cpus_list");
    if (!siblings) siblings = files.line(folder + "thread_siblings_list");  // before Linux 5.3
    if (!socket || !siblings) return;
    sockets.insert(*socket);
    cores.insert({*socket, *siblings});
  }
  if (sockets.empty()) return;
  cpu.sockets = static_cast<int>(sockets.size());
  cpu.physical_cores = static_cast<int>(cores.size());
}

void read_caches(const system_files& files, const std::vector<int>& cpus, results::cpu_environment& cpu) {
  std::map<std::string, double> third_level;  // by the CPUs that share it: one entry an instance
  for (const int id : cpus) {
    const auto folder = fmt::format("{}/cpu{}/cache", cpu_folder, id);
    for (const auto& entry : files.entries(folder)) {
      if (entry.rfind("index", 0) != 0) continue;
      const auto path = folder + '/' + entry + '/';
      const auto level = files.integer(path + "level");
      const auto type = files.line(path + "type");
      const auto size_text = files.line(path + "size");
      const auto size = size_text ? parse_cache_size(*size_text) : std::nullopt;
      if (!level || !type || !size || *type == "Instruction") continue;
      if (*level == 1) cpu.l1d_bytes = size;
      if (*level == 2) cpu.l2_bytes = size;
      if (*level == 3) third_level[files.line(path + "shared_cpu_list").value_or(std::to_string(id))] = *size;
    }
  }
  if (third_level.empty()) return;
  double all = 0;
  for (const auto& [shared_by, size] : third_level) all += size;
  cpu.l3_bytes = all / cpu.sockets.value_or(1);
}

/// CPUs that this process may run on.
std::optional<int> cpus_of_affinity() {
  // Room for more CPUs than cpu_set_t holds; the kernel refuses a set smaller than its own.
  constexpr int most_cpus = 8192;
  cpu_set_t* const set = CPU_ALLOC(most_cpus);
  const std::size_t bytes = CPU_ALLOC_SIZE(most_cpus);
  std::optional<int> count;
  if (set != nullptr && sched_getaffinity(0, bytes, set) == 0) count = CPU_COUNT_S(bytes, set);
  CPU_FREE(set);
  return count;
}

}  // namespace

std::optional<double> parse_cache_size(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const double unit = text.back() == 'K' ? kib : text.back() == 'M' ? mib : text.back() == 'G' ? gib : 1;
  const auto number = parse_number(unit == 1 ? text : text.substr(0, text.size() - 1));
  return number && *number > 0 ? std::optional<double>(*number * unit) : std::nullopt;
}

results::cpu_environment discover_cpu(const system_files& files) {
  results::cpu_environment cpu;
  const auto cpuinfo = files.text("proc/cpuinfo").value_or("");
  read_identity(cpuinfo, cpu);

  auto online = parse_cpu_list(files.line(cpu_folder + "/online").value_or(""));
  if (online.empty()) {
    // Some sandboxes have no sysfs: count the processors of /proc/cpuinfo.
    std::istringstream lines(cpuinfo);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("processor", 0) == 0) online.push_back(static_cast<int>(online.size()));
    }
  }
  if (!online.empty()) cpu.logical_cpus = static_cast<int>(online.size());
  cpu.usable_cpus = std::max(1, cpu.logical_cpus.value_or(1));
  read_topology(files, online, cpu);
  read_caches(files, online, cpu);

  const auto nodes = parse_cpu_list(files.line("sys/devices/system/node/online").value_or(""));
  if (!nodes.empty()) cpu.numa_nodes = static_cast<int>(nodes.size());
  cpu.governor = files.line(cpu_folder + "/cpu0/cpufreq/scaling_governor");
  if (files.is_this_machine()) {
    if (const auto allowed = cpus_of_affinity()) cpu.usable_cpus = std::max(1, *allowed);
    cpu.measured_clock_hertz = measured_clock_hertz();
  }
  return cpu;
}

}  // namespace gpubench::bench
