#include "doctor/system_limits.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <cctype>
#include <sstream>

namespace gpubench::doctor {

namespace {

using bench::system_files;

/// "Max locked memory         8388608              8388608              bytes"
std::optional<process_limit> limit_of(const std::string& table, const std::string& name) {
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(name, 0) != 0) continue;
    std::istringstream rest(line.substr(name.size()));
    std::string soft;
    rest >> soft;
    if (soft == "unlimited") return process_limit{true, 0};
    if (const auto value = parse_number(soft)) return process_limit{false, *value};
  }
  return std::nullopt;
}

/// tmpfs sizes: "65536k", "2g", "50%" of memory.
std::optional<double> tmpfs_size(std::string text, std::optional<double> memory_bytes) {
  if (text.empty()) return std::nullopt;
  double unit = 1;
  switch (std::tolower(static_cast<unsigned char>(text.back()))) {
    case 'k':
      unit = kib;
      break;
    case 'm':
      unit = mib;
      break;
    case 'g':
      unit = gib;
      break;
    case '%':
      if (!memory_bytes) return std::nullopt;
      unit = *memory_bytes / 100;
      break;
    default:
      text += ' ';
  }
  text.pop_back();
  const auto number = parse_number(text);
  return number ? std::optional(*number * unit) : std::nullopt;
}

/// Without an option a tmpfs is half of the memory.
std::optional<double> shared_memory(const system_files& files, std::optional<double> memory_bytes) {
  std::optional<double> size;
  std::istringstream mounts(files.text("proc/self/mounts").value_or(""));
  for (std::string line; std::getline(mounts, line);) {
    const auto fields = split(line, ' ');
    if (fields.size() < 4 || fields[1] != "/dev/shm" || fields[2] != "tmpfs") continue;
    size = memory_bytes ? std::optional(*memory_bytes / 2) : std::nullopt;
    for (const auto& option : split(fields[3], ',')) {
      if (option.rfind("size=", 0) == 0) size = tmpfs_size(option.substr(5), memory_bytes);
    }
  }
  return size;
}

/// "always [madvise] never"
std::optional<std::string> chosen(const std::optional<std::string>& choices) {
  if (!choices) return std::nullopt;
  const auto open = choices->find('[');
  const auto close = choices->find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  return choices->substr(open + 1, close - open - 1);
}

std::vector<std::vector<int>> distances(const system_files& files) {
  std::vector<std::vector<int>> matrix;
  for (int node = 0;; ++node) {
    const auto line = files.line("sys/devices/system/node/node" + std::to_string(node) + "/distance");
    if (!line) break;
    auto& row = matrix.emplace_back();
    std::istringstream numbers(*line);
    for (int distance = 0; numbers >> distance;) row.push_back(distance);
  }
  if (matrix.size() < 2) return {};
  for (const auto& row : matrix) {
    if (row.size() != matrix.size()) return {};
  }
  return matrix;
}

}  // namespace

system_limits find_system_limits(const system_files& files) {
  system_limits found;
  const auto table = files.text("proc/self/limits").value_or("");
  found.locked_memory_bytes = limit_of(table, "Max locked memory");
  found.open_files = limit_of(table, "Max open files");
  const auto meminfo = files.text("proc/meminfo").value_or("");
  if (const auto total = bench::colon_value(meminfo, "MemTotal")) {
    if (const auto kilobytes = parse_number(total->substr(0, total->find(' ')))) found.memory_bytes = *kilobytes * kib;
  }
  found.shared_memory_bytes = shared_memory(files, found.memory_bytes);
  found.hugepages = files.integer("proc/sys/vm/nr_hugepages");
  found.transparent_hugepages = chosen(files.line("sys/kernel/mm/transparent_hugepage/enabled"));
  found.frequency_driver = files.line("sys/devices/system/cpu/cpu0/cpufreq/scaling_driver");
  found.numa_distances = distances(files);
  return found;
}

}  // namespace gpubench::doctor
