#include "monitoring/host_source.hpp"

#include "bench/competing_load.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <unistd.h>

#include <sstream>
#include <string_view>
#include <vector>

namespace gpubench::monitoring {
namespace {

using bench::system_files;
using enum metric_id;

constexpr double bytes_per_sector = 512;
constexpr double per_milli = 1e-3, per_micro = 1e-6, per_nano = 1e-9;

std::vector<std::string> lines_of(const std::optional<std::string>& text) {
  return text ? split(*text, '\n') : std::vector<std::string>();
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::optional<double> field(const std::vector<std::string>& words, std::size_t at, double unit) {
  if (at >= words.size()) return std::nullopt;
  const auto value = parse_number(words[at]);
  return value ? std::optional(*value * unit) : std::nullopt;
}

void read_cpu(const system_files& files, sample& into) {
  if (const auto usage = bench::read_cpu_usage(files)) {
    into.add(host_cpus, {}, usage->cpus);
    into.add(host_cpu_busy, {}, usage->busy_seconds);
    into.add(exporter_cpu, {}, usage->own_seconds);
  }
  const double tick_seconds = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto first = files.line("proc/stat");
  constexpr std::size_t iowait = 5;
  if (first) into.add(host_cpu_iowait, {}, field(words_of(*first), iowait, tick_seconds));
}

void read_memory(const system_files& files, sample& into) {
  const auto text = files.text("proc/meminfo");
  if (!text) return;
  const auto kibibytes = [&](const char* key) -> std::optional<double> {
    const auto value = bench::colon_value(*text, key);
    return value ? field(words_of(*value), 0, kib) : std::nullopt;
  };
  into.add(host_memory_total, {}, kibibytes("MemTotal"));
  into.add(host_memory_available, {}, kibibytes("MemAvailable"));
}

/// Whole disks alone: a partition's traffic is its disk's, and what stands on top of others (device mapper, loops,
/// RAID) would count twice.
void read_disks(const system_files& files, sample& into) {
  for (const auto& line : lines_of(files.text("proc/diskstats"))) {
    const auto words = words_of(line);
    constexpr std::size_t name = 2, sectors_read = 5, sectors_written = 9, busy_ms = 12;
    if (words.size() <= busy_ms || !files.exists("sys/block/" + words[name] + "/device")) continue;
    const metric_labels labels{{"device", words[name]}};
    into.add(host_disk_read, labels, field(words, sectors_read, bytes_per_sector));
    into.add(host_disk_written, labels, field(words, sectors_written, bytes_per_sector));
    into.add(host_disk_busy, labels, field(words, busy_ms, per_milli));
  }
}

void read_network(const system_files& files, sample& into) {
  for (const auto& line : lines_of(files.text("proc/net/dev"))) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string name(trim(std::string_view(line).substr(0, colon)));
    if (name == "lo") continue;
    const auto words = words_of(line.substr(colon + 1));
    constexpr std::size_t received = 0, sent = 8;
    into.add(host_network_receive, {{"interface", name}}, field(words, received, 1));
    into.add(host_network_transmit, {{"interface", name}}, field(words, sent, 1));
  }
}

/// "some avg10=0.00 avg60=0.00 avg300=0.00 total=123456", microseconds.
void read_pressure(const system_files& files, sample& into) {
  for (const char* resource : {"cpu", "memory", "io"}) {
    const auto line = files.line(std::string("proc/pressure/") + resource);
    if (!line) continue;
    const auto at = line->rfind("total=");
    if (at == std::string::npos) continue;
    if (const auto total = parse_number(line->substr(at + std::string_view("total=").size())))
      into.add(host_pressure, {{"resource", resource}}, *total * per_micro);
  }
}

/// A line "key value" of a file.
std::optional<double> keyed(const std::optional<std::string>& text, std::string_view key, double unit) {
  for (const auto& line : lines_of(text)) {
    const auto words = words_of(line);
    if (words.size() == 2 && words[0] == key) return field(words, 1, unit);
  }
  return std::nullopt;
}

/// The container's own group, which it sees at the mount point.
void read_cgroup(const system_files& files, const bench::cgroup_limits& limits, sample& into) {
  into.add(cgroup_cpu_limit, {}, limits.cpus);
  into.add(cgroup_memory_limit, {}, limits.memory_bytes);
  const std::string v2 = "sys/fs/cgroup/";
  if (const auto stat = files.text(v2 + "cpu.stat")) {
    into.add(cgroup_cpu_used, {}, keyed(stat, "usage_usec", per_micro));
    into.add(cgroup_cpu_throttled, {}, keyed(stat, "throttled_usec", per_micro));
    if (const auto used = files.line(v2 + "memory.current")) into.add(cgroup_memory_used, {}, parse_number(*used));
    return;
  }
  if (const auto used = files.line(v2 + "cpuacct/cpuacct.usage"))
    into.add(cgroup_cpu_used, {}, field({*used}, 0, per_nano));
  into.add(cgroup_cpu_throttled, {}, keyed(files.text(v2 + "cpu/cpu.stat"), "throttled_time", per_nano));
  if (const auto used = files.line(v2 + "memory/memory.usage_in_bytes"))
    into.add(cgroup_memory_used, {}, parse_number(*used));
}

}  // namespace

host_source::host_source(std::string root) : files_(std::move(root)), limits_(bench::discover_cgroup_limits(files_)) {}

void host_source::read(sample& into) const {
  read_cpu(files_, into);
  read_memory(files_, into);
  read_disks(files_, into);
  read_network(files_, into);
  read_pressure(files_, into);
  read_cgroup(files_, limits_, into);
}

}  // namespace gpubench::monitoring
