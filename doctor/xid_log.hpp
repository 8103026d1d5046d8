#pragma once

#include "bench/system_files.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::doctor {

/// An error that the driver wrote to the kernel's log.
struct xid_event {
  int code = 0;
  std::string pci_address;  ///< "0000:17:00"
  std::string line;         ///< as logged
  std::string log;          ///< where
};

/// Lines of the form "NVRM: Xid (PCI:0000:17:00): 79, ...", in order.
std::vector<xid_event> find_xids(std::string_view text, const std::string& log);

/// Searches the kernel's ring buffer (this machine's alone) and the last 64 MiB of the system's log files.
/// @return nothing where none of them may be read, which is not the same as no event.
/// @param root  as that of bench::system_files
std::optional<std::vector<xid_event>> read_xid_events(const std::string& root);

}  // namespace gpubench::doctor
