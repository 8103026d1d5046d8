#include "bench/gpu_readings.hpp"
#include "bench/gpu_slices.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

const char* const no_gpu = "no GPU that the driver opens";

std::string gpu_name(int index) {
  return fmt::format("gpu{}", index);
}

const gpu_health* health_of(const facts& machine, int index) {
  const auto& all = machine.gpus.gpus;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.index == index; });
  return found == all.end() ? nullptr : &*found;
}

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
  const auto container = machine.variables.find("NVIDIA_VISIBLE_DEVICES");
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
  if (!machine.gpus.counted) return outcome::skipped("the driver cannot be asked");
  outcome result;
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

outcome ecc(const facts& machine, const compatibility&) {
  if (machine.machine.gpus.empty()) return outcome::skipped(no_gpu);
  outcome result;
  bool known = false;
  for (const auto& gpu : machine.machine.gpus) {
    const auto* health = health_of(machine, gpu.index);
    known = known || gpu.ecc.has_value();
    if (gpu.ecc == false)
      result.findings.push_back({"",
                                 severity::warning,
                                 fmt::format("{}: ECC is off", gpu_name(gpu.index)),
                                 "bits that flip in GPU memory change results without a word",
                                 {"none: work is no slower without ECC", std::nullopt, ""},
                                 fmt::format("nvidia-smi -i {} -e 1, then reset the GPU", gpu.index),
                                 {}});
    if (health == nullptr) continue;
    if (gpu.ecc && health->ecc_pending && *health->ecc_pending != *gpu.ecc)
      result.findings.push_back({"",
                                 severity::note,
                                 fmt::format("{}: ECC will be {} after the next reset", gpu_name(gpu.index),
                                             *health->ecc_pending ? "on" : "off"),
                                 "figures before and after the reset are of different settings",
                                 {"not known", std::nullopt, ""},
                                 fmt::format("nvidia-smi --gpu-reset -i {}, once the GPU is idle", gpu.index),
                                 {}});
    if (health->uncorrected_errors.value_or(0) > 0)
      result.findings.push_back({"",
                                 severity::error,
                                 fmt::format("{}: {} uncorrected memory errors since the driver was loaded",
                                             gpu_name(gpu.index), *health->uncorrected_errors),
                                 "data was lost; results of work that ran meanwhile cannot be trusted",
                                 {"none in speed", std::nullopt, ""},
                                 fmt::format("drain the GPU, nvidia-smi --gpu-reset -i {}, run again; have it replaced "
                                             "if it comes back",
                                             gpu.index),
                                 {"nvmlDeviceGetTotalEccErrors, uncorrected, volatile"}});
  }
  if (!known && result.findings.empty()) return outcome::skipped("the GPUs have no ECC, or the driver does not tell");
  return result;
}

outcome row_remaps(const facts& machine, const compatibility&) {
  if (machine.gpus.gpus.empty()) return outcome::skipped(no_gpu);
  outcome result;
  bool known = false;
  const std::string source = "NVIDIA, GPU Memory Error Management, \"Row Remapping\"";
  for (const auto& gpu : machine.gpus.gpus) {
    known = known || gpu.rows || gpu.page_retirement_pending;
    const std::string name = gpu_name(gpu.index);
    if (gpu.rows && gpu.rows->failed)
      result.findings.push_back({"",
                                 severity::error,
                                 name + ": a memory row could not be remapped",
                                 "no spare row was left: the next error there loses data",
                                 {"none", std::nullopt, ""},
                                 "have the GPU replaced: it meets NVIDIA's condition for a return",
                                 {source}});
    if ((gpu.rows && gpu.rows->pending) || gpu.page_retirement_pending.value_or(false))
      result.findings.push_back({"",
                                 severity::warning,
                                 name + ": a memory repair (row remap or page retirement) waits for a reset",
                                 "until then the broken row stays in use",
                                 {"none", std::nullopt, ""},
                                 fmt::format("drain the GPU, then nvidia-smi --gpu-reset -i {}", gpu.index),
                                 {source}});
    else if (gpu.rows && !gpu.rows->failed && gpu.rows->uncorrectable > 0)
      result.findings.push_back({"",
                                 severity::note,
                                 fmt::format("{}: {} remapped after uncorrectable errors", name,
                                             count_of(gpu.rows->uncorrectable, "memory row")),
                                 "the repair worked; a number that grows announces a failing memory",
                                 {"none", std::nullopt, ""},
                                 "watch it: nvidia-smi -q -d ROW_REMAPPER",
                                 {source}});
  }
  if (!known) return outcome::skipped("the driver does not tell (before Ampere, or in a virtual machine)");
  return result;
}

outcome xid_events(const facts& machine, const compatibility& known) {
  if (!machine.xids) return outcome::skipped("no kernel log may be read: run as root, or see dmesg | grep Xid");
  outcome result;
  std::map<std::pair<int, std::string>, std::vector<const xid_event*>> groups;
  for (const auto& event : *machine.xids) groups[{event.code, event.pci_address}].push_back(&event);
  for (const auto& [key, events] : groups) {
    const auto meaning = known.xids.find(key.first);
    const bool is_known = meaning != known.xids.end();
    result.findings.push_back({"",
                               is_known ? meaning->second.level : severity::warning,
                               fmt::format("Xid {} of the GPU at {}, {} in the log: {}", key.first, key.second,
                                           events.size() == 1 ? "once" : fmt::format("{} times", events.size()),
                                           is_known ? meaning->second.meaning : "not in gpubench's list"),
                               "the driver logs an Xid when a GPU or a program on it failed",
                               {"the work that it ended", std::nullopt, ""},
                               is_known ? meaning->second.mend : "look it up in NVIDIA's XID Errors",
                               {events.back()->log + ": " + events.back()->line, known.xid_source}});
  }
  return result;
}

outcome persistence(const facts& machine, const compatibility&) {
  const auto& gpus = machine.machine.gpus;
  std::vector<std::string> off;
  bool known = false;
  for (const auto& gpu : gpus) {
    known = known || gpu.persistence_mode.has_value();
    if (gpu.persistence_mode == false) off.push_back(gpu_name(gpu.index));
  }
  if (!known) return outcome::skipped(no_gpu);
  outcome result;
  if (!off.empty())
    result.findings.push_back({"",
                               severity::warning,
                               fmt::format("persistence mode is off: {}", join(off, ", ")),
                               "the driver lets go of an idle GPU: each first program waits while the GPU starts, and "
                               "settings such as clocks and power limits are lost",
                               {"seconds at each start, none while work runs; no figure is known", std::nullopt,
                                "NVIDIA, Driver Persistence"},
                               "systemctl enable --now nvidia-persistenced, or nvidia-smi -pm 1",
                               {}});
  return result;
}

outcome power_limit(const facts& machine, const compatibility&) {
  outcome result;
  bool known = false;
  for (const auto& gpu : machine.machine.gpus) {
    if (!gpu.power_limit_watts || !gpu.default_power_limit_watts || *gpu.default_power_limit_watts <= 0) continue;
    known = true;
    const double share = *gpu.power_limit_watts / *gpu.default_power_limit_watts;
    if (share > 0.99) continue;
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("{}: power is limited to {:.0f} W, {:.0f} % of the default", gpu_name(gpu.index),
                     *gpu.power_limit_watts, 100 * share),
         "under load the GPU lowers its clock to stay below the limit",
         {"not known: clocks fall by less than power; memory-bound work may lose nothing", std::nullopt, ""},
         fmt::format("nvidia-smi -i {} -pl {:.0f}", gpu.index, *gpu.default_power_limit_watts),
         {fmt::format("enforced {:.0f} W, default {:.0f} W", *gpu.power_limit_watts, *gpu.default_power_limit_watts)}});
  }
  if (!known) return outcome::skipped("the driver does not tell the GPUs' power limits");
  return result;
}

/// Reasons that mean trouble now, with what NVIDIA says of each.
void add_slowdowns(const gpu_health& gpu, outcome& result) {
  using namespace bench::clock_reason;
  const std::string source = "NVIDIA, NVML API Reference Guide, nvmlClocksEventReasons";
  const auto reasons = *gpu.clock_reasons;
  if ((reasons & (hw_slowdown | hw_thermal_slowdown | hw_power_brake_slowdown)) != 0)
    result.findings.push_back({"",
                               severity::warning,
                               fmt::format("{}: the hardware slows the GPU down now ({})", gpu_name(gpu.index),
                                           join(bench::slowdown_names(reasons), ", ")),
                               "temperature, power supply or an external power brake is out of bounds",
                               {"core clocks at half or less", 0.5, source},
                               "see nvidia-smi -q -d PERFORMANCE,TEMPERATURE; check cooling and power of the machine",
                               {source}});
  else if ((reasons & sw_thermal_slowdown) != 0)
    result.findings.push_back({"",
                               severity::warning,
                               fmt::format("{}: the driver slows the GPU down because it is hot", gpu_name(gpu.index)),
                               "GPU or memory is above its temperature limit",
                               {"not known", std::nullopt, ""},
                               "see nvidia-smi -q -d TEMPERATURE; check the air flow",
                               {source}});
}

outcome clocks(const facts& machine, const compatibility&) {
  if (machine.gpus.gpus.empty()) return outcome::skipped(no_gpu);
  outcome result;
  bool known = false;
  for (const auto& gpu : machine.gpus.gpus) {
    const auto& now = gpu.application_clock_hertz;
    const auto& usual = gpu.default_application_clock_hertz;
    known = known || gpu.clock_reasons || (now && usual);
    if (now && usual && *now < *usual * 0.995)
      result.findings.push_back(
          {"",
           severity::warning,
           fmt::format("{}: application clocks are set to {:.0f} MHz, below the default of {:.0f} MHz",
                       gpu_name(gpu.index), *now / 1e6, *usual / 1e6),
           "someone limited the clock; it stays so until it is reset",
           {"compute-bound work, in proportion to the clock", 1 - *now / *usual, "ratio of the two clocks"},
           fmt::format("nvidia-smi -i {} -rac", gpu.index),
           {"nvmlDeviceGetClock"}});
    else if (gpu.clock_reasons && (*gpu.clock_reasons & bench::clock_reason::applications_clocks_setting) != 0)
      result.findings.push_back(
          {"",
           severity::note,
           fmt::format("{}: its clock is held by a setting (locked clocks)", gpu_name(gpu.index)),
           "locked clocks make figures repeat, and may be below what the GPU would reach by itself",
           {"not known", std::nullopt, ""},
           fmt::format("nvidia-smi -i {} -rgc ends the lock", gpu.index),
           {"clocks event reason 0x2, applications clocks setting"}});
    if (gpu.clock_reasons) add_slowdowns(gpu, result);
  }
  if (!known) return outcome::skipped("the driver does not tell the GPUs' clocks");
  return result;
}

outcome mig(const facts& machine, const compatibility&) {
  if (machine.machine.gpus.empty()) return outcome::skipped(no_gpu);
  outcome result;
  std::vector<std::string> on, off;
  const std::string source = "NVIDIA, Multi-Instance GPU User Guide";
  for (const auto& gpu : machine.machine.gpus) {
    if (!gpu.mig) continue;
    (*gpu.mig ? on : off).push_back(gpu_name(gpu.index));
    const auto* health = health_of(machine, gpu.index);
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

std::vector<check> gpu_checks() {
  return {{"gpus-visible", "every GPU can be opened, and none is hidden", gpus_visible},
          {"gpus-alike", "the GPUs are of one kind and have one power limit", gpus_alike},
          {"ecc", "memory is protected and had no uncorrected errors", ecc},
          {"row-remaps", "memory repairs worked and none is pending", row_remaps},
          {"xid", "the kernel log has no Xid of the driver", xid_events},
          {"persistence", "the driver keeps idle GPUs ready", persistence},
          {"power-limit", "power limits are the defaults", power_limit},
          {"clocks", "clocks are neither lowered nor slowed down", clocks},
          {"mig", "MIG is as work needs it", mig},
          {"vgpu", "the GPUs are whole, not shares of a hypervisor", vgpu},
          {"compute-mode", "programs may use the GPUs", compute_mode}};
}

}  // namespace gpubench::doctor
