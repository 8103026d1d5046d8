#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

const likely_cost no_gpu_work{"GPU work does not run at all", std::nullopt, ""};
const likely_cost none{"none known", std::nullopt, ""};

outcome driver_present(const facts& machine, const compatibility&) {
  outcome result;
  std::vector<std::string> idle, nouveau, passed_on;
  for (const auto& device : machine.pci) {
    if (!device.is_nvidia_gpu()) continue;
    if (!device.driver) idle.push_back(device.address);
    if (device.driver == "nouveau") nouveau.push_back(device.address);
    if (device.driver == "vfio-pci") passed_on.push_back(device.address);
  }
  if (!machine.has_nvidia_device()) {
    result.findings.push_back({"",
                               severity::note,
                               "this machine has no NVIDIA GPU",
                               "only the host is checked; GPU work needs another machine",
                               none,
                               "gpubench recommend WORKLOAD says which to rent",
                               {machine.machine.gpu_status}});
    return result;
  }
  if (!nouveau.empty())
    result.findings.push_back({"", severity::error, fmt::format("the driver nouveau holds {}", join(nouveau, ", ")),
                               "nouveau cannot run CUDA, and keeps NVIDIA's driver from the GPU", no_gpu_work,
                               "install NVIDIA's driver, which blacklists nouveau, and restart", nouveau});
  if (!passed_on.empty())
    result.findings.push_back(
        {"", severity::note,
         fmt::format("{} passed on to virtual machines (vfio-pci)", count_of(passed_on.size(), "GPU")),
         "this machine cannot use what it passes on", none,
         "nothing, where that is wanted; else give the GPU back to the driver nvidia", passed_on});
  const bool driver_works = machine.gpus.counted.has_value();
  if (!idle.empty() && !driver_works)
    result.findings.push_back({"", severity::error,
                               fmt::format("{} without a driver: {}", count_of(idle.size(), "NVIDIA GPU"),
                                           machine.gpus.status.empty() ? "none is loaded" : machine.gpus.status),
                               "no program can use the GPU", no_gpu_work,
                               "install the driver that your distribution or NVIDIA packages; in a container start it "
                               "with the NVIDIA container toolkit (docker run --gpus all)",
                               idle});
  else if (machine.asked_driver && !driver_works && nouveau.empty() && passed_on.empty())
    result.findings.push_back({"",
                               severity::error,
                               fmt::format("the GPU's driver cannot be asked: {}", machine.gpus.status),
                               "no program can use the GPU",
                               no_gpu_work,
                               "modprobe nvidia; in a container start it with docker run --gpus all",
                               {machine.gpus.status}});
  return result;
}

outcome versions_of_driver_agree(const facts& machine, const compatibility&) {
  const auto& module = machine.software.kernel_module;
  if (!module) return outcome::skipped("no kernel module of NVIDIA is loaded, or it does not tell its version");
  if (machine.software.user_libraries.empty()) return outcome::skipped("libcuda.so was not found in the usual folders");
  outcome result;
  const auto& all = machine.software.user_libraries;
  std::vector<std::string> texts;
  for (const auto& one : all)
    if (!(one == *module)) texts.push_back(one.text());
  if (texts.empty()) return result;
  if (texts.size() < all.size()) {
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("libcuda.so or libnvidia-ml.so of version {} lies beside that of the kernel module, {}",
                     join(texts, ", "), module->text()),
         "a program that loads it instead ends with \"Driver/library version mismatch\"; a half-done update leaves "
         "such files",
         no_gpu_work,
         "remove the driver's packages of that version, or see that no folder of LD_LIBRARY_PATH leads to it",
         {"/proc/driver/nvidia/version: " + module->text(), "libraries: " + join(texts, ", ")}});
    return result;
  }
  result.findings.push_back(
      {"",
       severity::error,
       fmt::format("the driver's kernel module is {}, its libraries are {}", module->text(), join(texts, ", ")),
       "CUDA and NVML refuse to start when the two halves of the driver differ (\"Driver/library version mismatch\"); "
       "it "
       "comes from an update without a restart",
       no_gpu_work,
       "restart the machine, or unload and load the module: rmmod nvidia_uvm nvidia; modprobe nvidia",
       {"/proc/driver/nvidia/version: " + module->text(), "libcuda.so: " + join(texts, ", ")}});
  return result;
}

const char* const modules_source = "NVIDIA, Driver Installation Guide, \"Kernel Modules\"";

finding other_modules(std::string what, bool needs_open, std::vector<std::string> evidence) {
  evidence.emplace_back(modules_source);
  return {"",
          severity::error,
          std::move(what),
          needs_open
              ? "the proprietary module does not drive it: no program finds the GPU"
              : "the open modules need the GPU's system processor (GSP), which came with Turing: no program finds "
                "the GPU",
          no_gpu_work,
          needs_open ? "install the package of the open modules, as nvidia-open or nvidia-kernel-open-dkms, and restart"
                     : "install the proprietary modules, of a driver branch that still has the GPU, and restart",
          std::move(evidence)};
}

/// The last PCI device number before the Turing parts, with which the open modules' list begins.
/// Source: NVIDIA, open-gpu-kernel-modules, README, "Compatible GPUs": 1E02 is the first.
constexpr unsigned last_before_turing = 0x1e01;

/// Grace Hopper and, from compute capability 10 on, Blackwell and later. Source: NVIDIA, "NVIDIA Transitions Fully
/// Towards Open-Source GPU Kernel Modules", 2024-07-17.
bool needs_open_modules(const results::gpu_environment& gpu) {
  const auto capability = gpu.compute_capability ? version::parse(*gpu.compute_capability) : std::nullopt;
  return (capability && capability->major() >= 10) || gpu.name.find("GH200") != std::string::npos;
}

outcome open_modules(const facts& machine, const compatibility&) {
  if (!machine.software.open_module)
    return outcome::skipped("no kernel module of NVIDIA is loaded, or it does not tell its kind");
  const bool open = *machine.software.open_module;
  outcome result;
  // A GPU that its module refuses is not known to NVML: the bus and the kernel's log know it.
  for (const auto& refusal : machine.module_refusals)
    if (refusal.needs_open != open)
      result.findings.push_back(other_modules(
          fmt::format("the kernel module refuses {}: it needs the {} modules",
                      refusal.gpu.empty() ? "a GPU" : refusal.gpu, refusal.needs_open ? "open" : "proprietary"),
          refusal.needs_open, {refusal.log + ": " + refusal.line}));
  if (!result.findings.empty()) return result;
  for (const auto& device : machine.pci)
    if (open && device.is_nvidia_gpu() && device.device != 0 && device.device <= last_before_turing)
      result.findings.push_back(other_modules(
          fmt::format("the GPU at {} is older than Turing, and the open kernel modules are loaded", device.address),
          false, {fmt::format("/sys/bus/pci/devices/{}/device: 0x{:04x}", device.address, device.device)}));
  for (const auto& gpu : machine.machine.gpus) {
    if (open || !needs_open_modules(gpu)) continue;
    result.findings.push_back(
        other_modules(fmt::format("the {} needs the open kernel modules, the proprietary one is loaded", gpu.name),
                      true, {"/proc/driver/nvidia/version"}));
    break;
  }
  return result;
}

}  // namespace

std::vector<check> driver_checks() {
  return {{"driver-present", "a driver holds every NVIDIA GPU", driver_present},
          {"driver-halves", "the driver's kernel module and libraries are of one version", versions_of_driver_agree},
          {"open-kernel-modules", "the kernel modules are of the kind that drives the GPUs", open_modules}};
}

}  // namespace gpubench::doctor
