#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

void add_hidden_by_variables(const facts& machine, outcome& result) {
  const auto cuda = machine.variables.find("CUDA_VISIBLE_DEVICES");
  if (cuda != machine.variables.end()) {
    const auto first = split(cuda->second, ',');
    const auto number = first.empty() ? std::nullopt : parse_integer(first.front());
    const bool hides_all = first.empty() || (number && (*number < 0 || *number >= machine.gpus.counted.value_or(0)));
    result.findings.push_back(
        {"",
         hides_all ? severity::error : severity::note,
         hides_all ? fmt::format("CUDA_VISIBLE_DEVICES={} hides every GPU", cuda->second)
                   : fmt::format("CUDA_VISIBLE_DEVICES={} chooses and renumbers the GPUs", cuda->second),
         hides_all ? "CUDA stops reading the list at the first entry that names no GPU, so programs see none"
                   : "programs see only these GPUs, and number them from 0",
         {hides_all ? "GPU work does not run" : "that of the GPUs that are hidden", std::nullopt, ""},
         "unset CUDA_VISIBLE_DEVICES, or list GPUs that are there",
         {"NVIDIA, CUDA C++ Programming Guide, \"CUDA Environment Variables\""}});
  }
}

/// Only where no GPU can be opened: CDI sets "void" in every container that it gives GPUs to, so that the older way of
/// handing them over does not do it again.
void add_left_out_of_container(const facts& machine, outcome& result) {
  const auto container = machine.variables.find("NVIDIA_VISIBLE_DEVICES");
  if (!machine.gpus.gpus.empty()) return;
  if (container != machine.variables.end() && (container->second == "void" || container->second == "none"))
    result.findings.push_back({"",
                               severity::error,
                               fmt::format("NVIDIA_VISIBLE_DEVICES={} gives this container no GPU", container->second),
                               "the container runtime leaves the GPUs out",
                               {"GPU work does not run", std::nullopt, ""},
                               "start the container with --gpus all, or NVIDIA_VISIBLE_DEVICES=all",
                               {"NVIDIA, Container Toolkit, \"Environment variables (OCI spec)\""}});
}

outcome gpus_visible(const facts& machine, const compatibility&) {
  outcome result;
  if (!machine.gpus.counted) {
    if (machine.has_nvidia_device()) add_left_out_of_container(machine, result);
    return result.findings.empty() ? outcome::skipped("the driver cannot be asked") : result;
  }
  for (const auto& one : machine.gpus.closed) {
    const bool lost = one.reason == "lost";
    result.findings.push_back(
        {"",
         severity::error,
         fmt::format("{} cannot be opened: {}", gpu_name(one.index), one.reason),
         lost ? "the GPU no longer answers on the bus; work on it ended, and work on all GPUs cannot start"
              : "programs of this user or container cannot use it",
         {"that GPU's whole work", std::nullopt, ""},
         lost ? "look for Xid 79 in the kernel log; reset the GPU or restart the machine"
              : "see who may open /dev/nvidia*, and which devices the container was given",
         {fmt::format("nvmlDeviceGetHandleByIndex_v2({}): {}", one.index, one.reason)}});
  }
  const auto on_bus = std::count_if(machine.pci.begin(), machine.pci.end(), [](const auto& device) {
    return device.is_nvidia_gpu() && device.driver == "nvidia";
  });
  if (on_bus > *machine.gpus.counted && machine.machine.container == std::nullopt)
    result.findings.push_back({"",
                               severity::error,
                               fmt::format("the driver holds {} GPUs and offers {}", on_bus, *machine.gpus.counted),
                               "a GPU that failed to start is left out without an error to programs",
                               {"that GPU's whole work", std::nullopt, ""},
                               "dmesg | grep NVRM says why",
                               {fmt::format("/sys/bus/pci/devices: {}, NVML: {}", on_bus, *machine.gpus.counted)}});
  const auto& files = machine.nvidia_device_files;
  if (*machine.gpus.counted > 0 && !files.empty() && std::find(files.begin(), files.end(), "nvidia-uvm") == files.end())
    result.findings.push_back({"",
                               severity::error,
                               "/dev/nvidia-uvm is missing",
                               "nvidia-smi works without it, CUDA does not start (error 999 or 304)",
                               {"GPU work does not run", std::nullopt, ""},
                               "nvidia-modprobe -u -c=0, or restart the container with its devices",
                               {"/dev: " + join(files, ", ")}});
  add_hidden_by_variables(machine, result);
  add_left_out_of_container(machine, result);
  return result;
}

outcome gpus_alike(const facts& machine, const compatibility&) {
  const auto& gpus = machine.machine.gpus;
  if (gpus.size() < 2) return outcome::skipped("fewer than two GPUs");
  std::set<std::string> names, limits;
  for (const auto& gpu : gpus) {
    names.insert(gpu.name);
    if (gpu.power_limit_watts) limits.insert(fmt::format("{:.0f} W", *gpu.power_limit_watts));
  }
  outcome result;
  const auto differ = [&](const std::set<std::string>& values, const char* of) {
    if (values.size() < 2) return;
    result.findings.push_back({"",
                               severity::warning,
                               fmt::format("the GPUs differ in {}: {}", of, join({values.begin(), values.end()}, ", ")),
                               "work that is split evenly waits for the slowest at every step",
                               {"the others run at the speed of the slowest", std::nullopt, ""},
                               "set all alike, or choose GPUs of one kind with CUDA_VISIBLE_DEVICES",
                               {}});
  };
  differ(names, "model");
  differ(limits, "power limit");
  return result;
}

outcome compute_mode(const facts& machine, const compatibility&) {
  outcome result;
  bool known = false;
  for (const auto& gpu : machine.gpus.gpus) {
    if (!gpu.compute_mode) continue;
    known = true;
    if (*gpu.compute_mode == "default") continue;
    const bool prohibited = *gpu.compute_mode == "prohibited";
    result.findings.push_back({"",
                               prohibited ? severity::error : severity::note,
                               fmt::format("{}: compute mode is {}", gpu_name(gpu.index),
                                           prohibited ? "prohibited" : "exclusive to one process"),
                               prohibited ? "no program may use the GPU" : "a second process on the GPU is refused",
                               {prohibited ? "that GPU's whole work" : "none", std::nullopt, ""},
                               fmt::format("nvidia-smi -i {} -c 0", gpu.index),
                               {}});
  }
  if (!known) return outcome::skipped(no_gpu);
  return result;
}

}  // namespace

std::string gpu_name(int index) {
  return fmt::format("gpu{}", index);
}

std::vector<check> gpu_checks() {
  return {{"gpus-visible", "every GPU can be opened, and none is hidden", gpus_visible},
          {"gpus-alike", "the GPUs are of one kind and have one power limit", gpus_alike},
          {"compute-mode", "programs may use the GPUs", compute_mode}};
}

}  // namespace gpubench::doctor
