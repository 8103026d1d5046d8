#include "bench/cgroup.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <sstream>
#include <string>

namespace gpubench::bench {

namespace {

void tighten(std::optional<double>& limit, std::optional<double> other) {
  if (other && *other > 0) limit = limit ? std::min(*limit, *other) : *other;
}

/// "200000 100000" or "max 100000".
std::optional<double> cpu_max(const std::optional<std::string>& line) {
  if (!line) return std::nullopt;
  const auto parts = split(*line, ' ');
  if (parts.size() != 2) return std::nullopt;
  const auto quota = parse_number(parts[0]);
  const auto period = parse_number(parts[1]);
  if (!quota || !period || *period <= 0) return std::nullopt;
  return *quota / *period;
}

std::optional<double> number_in(const system_files& files, const std::string& path) {
  const auto line = files.line(path);
  return line ? parse_number(*line) : std::nullopt;
}

void read_version_2(const system_files& files, const std::string& folder, cgroup_limits& limits) {
  tighten(limits.cpus, cpu_max(files.line(folder + "/cpu.max")));
  tighten(limits.memory_bytes, number_in(files, folder + "/memory.max"));
}

void read_version_1_cpu(const system_files& files, const std::string& folder, cgroup_limits& limits) {
  const auto quota = number_in(files, folder + "/cpu.cfs_quota_us");
  const auto period = number_in(files, folder + "/cpu.cfs_period_us");
  if (quota && period && *quota > 0 && *period > 0) tighten(limits.cpus, *quota / *period);
}

void read_version_1_memory(const system_files& files, const std::string& folder, cgroup_limits& limits) {
  const auto limit = number_in(files, folder + "/memory.limit_in_bytes");
  // No limit is written as the largest page-aligned 63-bit number.
  constexpr double unlimited_from = 4e18;
  if (limit && *limit < unlimited_from) tighten(limits.memory_bytes, limit);
}

/// Calls `read` for the group's folder and all above it, down from the mount point. Inside a container the path that
/// /proc names may not exist; its mount point then is the container's own group.
template <class Reader>
void read_upwards(const std::string& mount, std::string group, const Reader& read) {
  while (!group.empty() && group != "/") {
    read(mount + group);
    group.erase(group.rfind('/'));
  }
  read(mount);
}

}  // namespace

cgroup_limits discover_cgroup_limits(const system_files& files) {
  cgroup_limits limits;
  std::istringstream lines(files.text("proc/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (group.empty() || group.front() != '/') continue;
    if (controllers.empty()) {
      read_upwards("sys/fs/cgroup", group, [&](const std::string& f) { read_version_2(files, f, limits); });
      continue;
    }
    const auto names = split(controllers, ',');
    const auto has = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (has("cpu")) {
      for (const char* mount : {"sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"}) {
        read_upwards(mount, group, [&](const std::string& f) { read_version_1_cpu(files, f, limits); });
      }
    }
    if (has("memory")) {
      read_upwards("sys/fs/cgroup/memory", group,
                   [&](const std::string& f) { read_version_1_memory(files, f, limits); });
    }
  }
  return limits;
}

}  // namespace gpubench::bench
