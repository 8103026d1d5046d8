#pragma once

#include <sched.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpubench::cuda {

/// What the kernel knows of the side of the machine that a GPU is attached to.
struct near_host {
  std::optional<int> numa_node;
  std::string numa_problem;  ///< "not set: ..." where there is no node
  std::vector<int> cpus;     ///< empty: the thread is left where it is
  std::string cpu_problem;   ///< "not set: ..." where there are none
};

/// Reads bus/pci/devices/BUS_ID/{numa_node,local_cpulist}. Where the kernel knows no node (-1) it lists all CPUs as
/// local, which says nothing: then there are none.
/// @param sys     "/sys", or the folder of a recorded tree
/// @param bus_id  as CUDA writes it, "0000:1B:00.0"; the kernel writes small letters
near_host host_near(const std::filesystem::path& sys, std::string bus_id);

/// The same for a device of this machine.   @throws failure
near_host host_near_device(int device);

/// CPUs of a kernel list: "0-3,8" has 5.   @return ascending; empty for a malformed list.
std::vector<int> parse_cpu_list(std::string_view text);

/// The list of ascending CPUs, as the kernel writes it: "0-3,8".
std::string cpu_list_text(const std::vector<int>& cpus);

/// Keeps the calling thread on the CPUs near a device while it lives, as far as the process may use them: memory that
/// is touched first meanwhile lies on their node, and what the thread copies does not cross between sockets.
class near_cpus_only {
 public:
  explicit near_cpus_only(const near_host& where);
  near_cpus_only(const near_cpus_only&) = delete;
  near_cpus_only& operator=(const near_cpus_only&) = delete;
  ~near_cpus_only();

  /// "52-103", or "not set: ...".
  const std::string& outcome() const noexcept { return outcome_; }

 private:
  cpu_set_t former_{};
  bool set_ = false;
  std::string outcome_;
};

/// "numa_node" and "cpu_affinity" of how a figure came about.
void add_placement_notes(std::vector<std::pair<std::string, std::string>>& notes, const near_host& where,
                         const std::string& cpu_affinity);

/// Host memory in bytes; absent where the kernel does not say.
struct host_memory {
  std::optional<double> total, available;
};

/// From proc/meminfo and, in a container, the limit of the memory control group (sys/fs/cgroup, version 2).
/// @param root  "/", or the folder of a recorded tree
host_memory host_memory_of(const std::filesystem::path& root);

}  // namespace gpubench::cuda
