#include "bench/competing_load.hpp"

#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace gpubench::bench {

std::optional<cpu_usage> read_cpu_usage(const system_files& files) {
  const auto all = files.text("proc/stat");
  const auto own = files.text("proc/self/stat");
  if (!all || !own) return std::nullopt;
  const double tick_seconds = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));

  cpu_usage usage;
  std::istringstream lines(*all);
  std::string word;
  double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  lines >> word >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
  if (!lines || word != "cpu") return std::nullopt;
  usage.busy_seconds = (user + nice + system + irq + softirq + steal) * tick_seconds;
  usage.total_seconds = usage.busy_seconds + (idle + iowait) * tick_seconds;
  if (usage.total_seconds <= 0) return std::nullopt;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("cpu", 0) == 0) ++usage.cpus;
  }
  if (usage.cpus == 0) return std::nullopt;

  // The command name stands in parentheses and may itself hold spaces and parentheses: count fields from the last one.
  const auto name_end = own->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(own->substr(name_end + 1));
  for (int field = 3; field < 14; ++field) fields >> word;
  double user_ticks = 0;
  double system_ticks = 0;
  fields >> user_ticks >> system_ticks;
  if (!fields) return std::nullopt;
  usage.own_seconds = (user_ticks + system_ticks) * tick_seconds;
  return usage;
}

std::optional<competing_load> competing_load_between(const cpu_usage& before, const cpu_usage& after) {
  const double total = after.total_seconds - before.total_seconds;
  const double cpus = after.cpus;
  constexpr double shortest_seconds = 0.1;
  if (cpus < 1 || total < shortest_seconds * cpus) return std::nullopt;
  const double busy = after.busy_seconds - before.busy_seconds;
  const double own = after.own_seconds - before.own_seconds;
  competing_load load;
  load.seconds = std::max(0.0, busy - own);
  load.fraction_of_all_cores = std::min(1.0, load.seconds / total);
  load.cores = load.fraction_of_all_cores * cpus;
  return load;
}

}  // namespace gpubench::bench
