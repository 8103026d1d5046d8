#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

std::size_t gpu_count(const facts& machine) {
  if (!machine.machine.gpus.empty()) return machine.machine.gpus.size();
  return static_cast<std::size_t>(
      std::count_if(machine.pci.begin(), machine.pci.end(), [](const auto& one) { return one.is_nvidia_gpu(); }));
}

outcome cpu_limit(const facts& machine, const compatibility&) {
  const auto& limit = machine.machine.cgroup_cpu_limit;
  if (!limit) return {};
  const auto cpus = machine.machine.cpu.logical_cpus;
  const auto gpus = gpu_count(machine);
  const bool starves = gpus > 0 && *limit < 2.0 * static_cast<double>(gpus);
  outcome result;
  if (!starves && cpus && *limit >= *cpus) return result;
  const std::string of = cpus ? fmt::format(" of the machine's {}", *cpus) : "";
  result.findings.push_back(
      {"",
       starves ? severity::warning : severity::note,
       fmt::format("a cgroup limits this container or service to {:g} CPUs{}", *limit, of),
       starves
           ? "fewer than two CPUs a GPU: one launches work, and nothing is left to read and prepare data"
           : "threads beyond the quota are stopped until the next period; programs that start a thread for each CPU of "
             "the machine lose most",
       {"not known: gpubench run --filter data_preparation measures what the CPUs can feed", std::nullopt, ""},
       "docker run --cpus N, or resources.limits.cpu in Kubernetes; set OMP_NUM_THREADS to the quota",
       {"/sys/fs/cgroup: cpu.max or cpu.cfs_quota_us"}});
  return result;
}

outcome memory_limit(const facts& machine, const compatibility&) {
  const auto& limit = machine.machine.cgroup_memory_limit_bytes;
  if (!limit) return {};
  double gpu_memory = 0;
  for (const auto& gpu : machine.machine.gpus) gpu_memory += gpu.memory_bytes.value_or(0);
  const bool small = gpu_memory > 0 && *limit < gpu_memory;
  outcome result;
  result.findings.push_back(
      {"",
       small ? severity::warning : severity::note,
       fmt::format("a cgroup limits memory to {}", format_bytes(*limit)),
       small ? fmt::format("the GPUs have {} together: loading a model that fills them, and checkpoints, can end in an "
                           "out-of-memory kill",
                           format_bytes(gpu_memory))
             : std::string("the kernel ends the process that exceeds it"),
       {"none until the limit is met", std::nullopt, ""},
       "docker run --memory, or resources.limits.memory in Kubernetes",
       {"/sys/fs/cgroup: memory.max or limit_in_bytes"}});
  return result;
}

outcome shm_size(const facts& machine, const compatibility&) {
  const auto& size = machine.limits.shared_memory_bytes;
  if (!size) return outcome::skipped("/dev/shm is no mount of its own, or its size is not known");
  outcome result;
  // NCCL's documentation starts containers with 1 GiB.
  if (*size < 1 * gib)
    result.findings.push_back(
        {"",
         gpu_count(machine) > 0 ? severity::warning : severity::note,
         fmt::format("/dev/shm has {}", format_bytes(*size)),
         "data loaders and NCCL share memory there: they end with \"bus error\" or \"No space left on device\" when it "
         "is "
         "full. Docker gives 64 MiB unless told otherwise",
         {"none until it is full; work then ends", std::nullopt, ""},
         "docker run --shm-size=1g (or --ipc=host); in Kubernetes an emptyDir of medium Memory at /dev/shm",
         {fmt::format("/proc/self/mounts: /dev/shm, {:.0f} bytes", *size),
          "NVIDIA, NCCL documentation, \"Troubleshooting\", \"Shared memory\""}});
  return result;
}

outcome ulimits(const facts& machine, const compatibility&) {
  const auto& locked = machine.limits.locked_memory_bytes;
  const auto& open = machine.limits.open_files;
  if (!locked && !open) return outcome::skipped("/proc/self/limits cannot be read");
  outcome result;
  if (locked && !locked->unlimited && !machine.network.rdma.empty())
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("at most {} of memory may be locked (ulimit -l), and there are RDMA devices",
                     format_bytes(locked->value)),
         "RDMA locks every buffer that it registers: beyond the limit registration fails and NCCL ends with a system "
         "error",
         {"work over several machines fails or falls back to TCP", std::nullopt, ""},
         "ulimit -l unlimited (/etc/security/limits.conf), LimitMEMLOCK=infinity for a service, docker run --ulimit "
         "memlock=-1",
         {"/proc/self/limits: Max locked memory", "NVIDIA, NCCL documentation, \"Troubleshooting\""}});
  constexpr double few_files = 4096;
  if (open && !open->unlimited && open->value < few_files)
    result.findings.push_back({"",
                               severity::note,
                               fmt::format("at most {:.0f} files may be open (ulimit -n)", open->value),
                               "many ranks and data loaders open a socket or file each, and end with \"Too many open "
                               "files\"",
                               {"none until the limit is met", std::nullopt, ""},
                               "ulimit -n 65536",
                               {"/proc/self/limits: Max open files"}});
  return result;
}

outcome hugepages(const facts& machine, const compatibility&) {
  const auto& mode = machine.limits.transparent_hugepages;
  if (!mode && !machine.limits.hugepages) return outcome::skipped("the kernel does not tell");
  outcome result;
  if (mode == "never" && machine.limits.hugepages.value_or(0) == 0)
    result.findings.push_back(
        {"",
         severity::note,
         "the kernel gives no huge pages",
         "large arrays of the host cost many entries of the address translation cache",
         {"host code that is bound by memory; not known: gpubench run --filter memory_latency shows it", std::nullopt,
          ""},
         "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
         {"/sys/kernel/mm/transparent_hugepage/enabled: never", "/proc/sys/vm/nr_hugepages: 0"}});
  return result;
}

outcome governor(const facts& machine, const compatibility&) {
  const auto& mode = machine.machine.cpu.governor;
  if (!mode) return outcome::skipped("the kernel shows no frequency governor, as in most virtual machines");
  outcome result;
  if (*mode != "powersave" && *mode != "conservative" && *mode != "userspace") return result;
  // Of these two, the governor of that name is the ordinary one, which follows the load.
  const auto& driver = machine.limits.frequency_driver;
  const bool follows_load =
      *mode == "powersave" && (driver == "intel_pstate" || driver == "amd-pstate-epp" || driver == "amd_pstate_epp");
  result.findings.push_back(
      {"",
       follows_load ? severity::note : severity::warning,
       fmt::format("the CPU's governor is {}{}", *mode, driver ? fmt::format(" ({})", *driver) : ""),
       follows_load ? "clocks follow the load, with a delay at each burst of work"
                    : "cores stay at a low clock: launching kernels and preparing data is slower",
       {"host-bound work: up to the ratio of lowest and highest clock; no figure is known for this machine",
        std::nullopt, "Linux, Documentation/admin-guide/pm/cpufreq.rst"},
       "cpupower frequency-set -g performance",
       {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor: " + *mode}});
  return result;
}

}  // namespace

std::vector<check> host_checks() {
  return {{"cpu-limit", "no cgroup starves the GPUs of CPUs", cpu_limit},
          {"memory-limit", "no cgroup limits memory below the GPUs'", memory_limit},
          {"shm-size", "/dev/shm is large enough for data loaders and NCCL", shm_size},
          {"ulimits", "locked memory and open files are not limited too low", ulimits},
          {"hugepages", "the kernel gives huge pages", hugepages},
          {"cpu-governor", "the CPU's clock is not held low", governor}};
}

}  // namespace gpubench::doctor
