#pragma once

#include "bench/system_files.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::doctor {

/// When lines of a log were written, seconds since 1970.
struct log_times {
  double now_seconds = 0;
  std::optional<double> boot_seconds;  ///< the last start of the machine; absent where it is not known
};

/// An error that the driver wrote to the kernel's log.
struct xid_event {
  int code = 0;
  std::string pci_address;  ///< "0000:17:00"
  std::string line;         ///< as logged
  std::string log;          ///< where
  /// Absent where the line does not tell its time.
  std::optional<double> age_seconds;
  bool before_boot = false;  ///< surely of an earlier start of the machine
};

/// A GPU that the kernel module does not drive, since it is of the other kind.
struct module_refusal {
  bool needs_open = false;  ///< the open modules, else the proprietary ones
  std::string gpu;          ///< "0000:02:00.0", where the line or the one before it names it
  std::string line, log;
};

struct kernel_log {
  std::vector<xid_event> xids;
  std::vector<module_refusal> refusals;  ///< of this start of the machine, or of one that is not known
};

/// Lines of the form "NVRM: Xid (PCI:0000:17:00): 79, ...", and the module's "requires use of the NVIDIA open kernel
/// modules" and "not supported by open nvidia.ko", in order. The time is at the line's begin, as in
/// "2026-07-01T12:00:00.5+02:00" or "Jul  1 12:00:00" (which is in local time and lacks the year: the last that is not
/// in the future), or as in the ring buffer "[  12.5]", since the boot.
kernel_log read_kernel_log(std::string_view text, const std::string& log, const log_times& times);

/// Searches the kernel's ring buffer (this machine's alone) and the last 64 MiB of the system's log files. Ages in a
/// recorded tree are of when it was recorded, where its proc/stat and proc/uptime say that.
/// @return nothing where none of them may be read, which is not the same as no event.
/// @param root  as that of bench::system_files
std::optional<kernel_log> read_kernel_logs(const std::string& root);

}  // namespace gpubench::doctor
