#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::bench {

/// Reads files under /proc and /sys, or under a recorded tree that stands for "/". What is missing, unreadable or empty
/// is absent: these files differ from machine to machine, so none is required.
class system_files {
 public:
  /// @param root  "/" or the folder of a recorded tree
  explicit system_files(std::string root = "/");

  /// Whole text of a file, path from the root without a leading slash.
  std::optional<std::string> text(const std::string& path) const;
  /// First line, trimmed; absent when empty.
  std::optional<std::string> line(const std::string& path) const;
  std::optional<long long> integer(const std::string& path) const;
  bool exists(const std::string& path) const;
  /// Names in a folder, sorted; empty when there is none.
  std::vector<std::string> entries(const std::string& path) const;
  /// Name of what a symbolic link points at, without its folder; absent for anything else.
  std::optional<std::string> link_name(const std::string& path) const;
  /// True when the root is this machine's own, so that questions to the kernel and to libraries belong to it as well.
  bool is_this_machine() const { return root_ == "/"; }

 private:
  std::string root_;
};

/// Value of a "key : value" line as in /proc/cpuinfo and /proc/meminfo; the first one counts.
std::optional<std::string> colon_value(std::string_view text, std::string_view key);

/// CPUs of a kernel list: "0-3,8" has 5.   @return ascending; empty for a malformed list.
std::vector<int> parse_cpu_list(std::string_view list);

}  // namespace gpubench::bench
