#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

outcome ecc(const facts& machine, const compatibility&) {
  if (machine.machine.gpus.empty()) return outcome::skipped(no_gpu);
  outcome result;
  bool known = false;
  for (const auto& gpu : machine.machine.gpus) {
    const auto* health = machine.health_of(gpu.index);
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

/// Older than this an error that did not come back says little of the GPU as it is now. Judgement.
constexpr double old_seconds = 14 * 24 * seconds_per_hour;

bool is_old(const xid_event& of) {
  return of.before_boot || of.age_seconds.value_or(0) > old_seconds;
}

/// ", last 3.00 days ago" of the newest whose time is known.
std::string last_seen(const std::vector<const xid_event*>& events) {
  const xid_event* newest = nullptr;
  for (const auto* one : events)
    if (one->age_seconds && (newest == nullptr || *one->age_seconds < *newest->age_seconds)) newest = one;
  if (newest == nullptr) return {};
  return fmt::format(", last {} ago{}", format_duration(*newest->age_seconds),
                     newest->before_boot ? ", before this start of the machine" : "");
}

outcome xid_events(const facts& machine, const compatibility& known) {
  if (!machine.xids) return outcome::skipped("no kernel log may be read: run as root, or see dmesg | grep Xid");
  outcome result;
  std::map<std::pair<int, std::string>, std::vector<const xid_event*>> groups;
  for (const auto& event : *machine.xids) groups[{event.code, event.pci_address}].push_back(&event);
  for (const auto& [key, events] : groups) {
    const auto meaning = known.xids.find(key.first);
    const bool is_known = meaning != known.xids.end();
    const auto level = is_known ? meaning->second.level : severity::warning;
    const bool old = std::all_of(events.begin(), events.end(), [](const auto* one) { return is_old(*one); });
    const std::string mend = is_known ? meaning->second.mend : "look it up in NVIDIA's XID Errors";
    result.findings.push_back(
        {"",
         old ? severity::note : level,
         fmt::format("Xid {} of the GPU at {}, {} in the log{}: {}", key.first, key.second,
                     events.size() == 1 ? "once" : fmt::format("{} times", events.size()), last_seen(events),
                     is_known ? meaning->second.meaning : "not in gpubench's list"),
         "the driver logs an Xid when a GPU or a program on it failed",
         {"the work that it ended", std::nullopt, ""},
         old ? "nothing, unless it comes back: then " + mend : mend,
         {events.back()->log + ": " + events.back()->line, known.xid_source}});
  }
  return result;
}

}  // namespace

std::vector<check> gpu_fault_checks() {
  return {{"ecc", "memory is protected and had no uncorrected errors", ecc},
          {"row-remaps", "memory repairs worked and none is pending", row_remaps},
          {"xid", "the kernel log has no Xid of the driver", xid_events}};
}

}  // namespace gpubench::doctor
