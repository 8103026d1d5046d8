#include "bench/gpu_slices.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

outcome mig(const facts& machine, const compatibility&) {
  if (machine.machine.gpus.empty()) return outcome::skipped(no_gpu);
  outcome result;
  std::vector<std::string> on, off;
  const std::string source = "NVIDIA, Multi-Instance GPU User Guide";
  for (const auto& gpu : machine.machine.gpus) {
    if (!gpu.mig) continue;
    (*gpu.mig ? on : off).push_back(gpu_name(gpu.index));
    const auto* health = machine.health_of(gpu.index);
    if (*gpu.mig && gpu.mig_devices.empty())
      result.findings.push_back({"",
                                 severity::error,
                                 fmt::format("{}: MIG is on, and the GPU is not cut into slices", gpu_name(gpu.index)),
                                 "no program can use it: CUDA offers slices alone while MIG is on",
                                 {"that GPU's whole work", std::nullopt, ""},
                                 fmt::format("nvidia-smi mig -i {0} -cgi PROFILE -C makes slices; nvidia-smi -i {0} "
                                             "-mig 0 turns MIG off",
                                             gpu.index),
                                 {source}});
    if (health != nullptr && health->mig_pending && *health->mig_pending != *gpu.mig)
      result.findings.push_back({"",
                                 severity::note,
                                 fmt::format("{}: MIG will be {} after the next reset", gpu_name(gpu.index),
                                             *health->mig_pending ? "on" : "off"),
                                 "what the GPU can do changes at the next restart",
                                 {"none", std::nullopt, ""},
                                 fmt::format("nvidia-smi --gpu-reset -i {}", gpu.index),
                                 {source}});
  }
  if (on.empty() && off.empty()) return outcome::skipped("no GPU that can be cut into slices");
  if (!on.empty())
    result.findings.push_back({"",
                               off.empty() ? severity::note : severity::warning,
                               off.empty()
                                   ? fmt::format("MIG is on: {}", join(on, ", "))
                                   : fmt::format("MIG is on for {} and off for {}", join(on, ", "), join(off, ", ")),
                               "a slice has its share of multiprocessors and memory, and no NVLink or peer access to "
                               "other slices: work over several GPUs goes through the host",
                               {"by the share of the slice", std::nullopt, source},
                               "nvidia-smi -mig 0 where whole GPUs are wanted",
                               {source}});
  return result;
}

outcome vgpu(const facts& machine, const compatibility&) {
  if (machine.machine.gpus.empty()) return outcome::skipped(no_gpu);
  outcome result;
  for (const auto& gpu : machine.machine.gpus) {
    if (gpu.virtualization != "vgpu" && !bench::is_vgpu_name(gpu.name)) continue;
    result.findings.push_back({"",
                               severity::note,
                               fmt::format("{} is a vGPU: {}", gpu_name(gpu.index), gpu.name),
                               "it shares the GPU's time with others, and without a licence runs at reduced speed; "
                               "peer access, profiling and "
                               "unified memory may be off",
                               {"not known: it depends on the other guests and on the scheduler", std::nullopt,
                                "NVIDIA, Virtual GPU Software User Guide"},
                               "nvidia-smi -q | grep -A2 Licensed shows the licence",
                               {}});
  }
  return result;
}

}  // namespace

std::vector<check> gpu_sharing_checks() {
  return {{"mig", "MIG is as work needs it", mig}, {"vgpu", "the GPUs are whole, not shares of a hypervisor", vgpu}};
}

}  // namespace gpubench::doctor
