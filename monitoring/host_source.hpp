#pragma once

#include "bench/cgroup.hpp"
#include "bench/system_files.hpp"

#include <string>

#include "monitoring/sample.hpp"

namespace gpubench::monitoring {

/// CPU, memory, disks, network and cgroup of this machine, from /proc and /sys.
/// Sources: proc(5), stat and meminfo; Linux, Documentation/admin-guide/iostats.rst (diskstats; a sector is 512 bytes),
/// accounting/psi.rst, admin-guide/cgroup-v2.rst (cpu.stat, memory.current), cgroup-v1/cpuacct.rst.
class host_source {
 public:
  /// @param root  "/" or the folder of a recorded tree
  explicit host_source(std::string root = "/");

  void read(sample& into) const;

 private:
  bench::system_files files_;
  bench::cgroup_limits limits_;  ///< asked for once: they are looked for in many files
};

}  // namespace gpubench::monitoring
