#include "doctor/xid_log.hpp"

#include "core/text.hpp"

#include <sys/klog.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

namespace gpubench::doctor {

namespace {

/// The kernel's ring buffer; nothing where this process may not read it (kernel.dmesg_restrict).
std::optional<std::string> ring_buffer() {
  constexpr int read_all = 3, size_of_buffer = 10;
  const int size = ::klogctl(size_of_buffer, nullptr, 0);
  if (size <= 0) return std::nullopt;
  std::string text(static_cast<std::size_t>(size), '\0');
  const int length = ::klogctl(read_all, text.data(), size);
  if (length < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(length));
  return text;
}

/// The last bytes of a file, at most so many: logs can be larger than memory.
std::optional<std::string> tail(const std::string& path, std::size_t most_bytes) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = stream.tellg();
  if (!stream || size < 0) return std::nullopt;
  const auto length = std::min(static_cast<std::size_t>(size), most_bytes);
  stream.seekg(size - static_cast<std::streamoff>(length));
  std::string text(length, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(length));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace

std::vector<xid_event> find_xids(std::string_view text, const std::string& log) {
  constexpr std::string_view mark = "NVRM: Xid (";
  std::vector<xid_event> found;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto begin = line.find(mark);
    if (begin == std::string_view::npos) continue;
    const auto inside = line.substr(begin + mark.size());
    const auto close = inside.find("): ");
    if (close == std::string_view::npos) continue;
    std::string_view address = inside.substr(0, close);
    if (address.rfind("PCI:", 0) == 0) address.remove_prefix(4);
    const auto rest = inside.substr(close + 3);
    const auto code = parse_integer(rest.substr(0, rest.find_first_not_of("0123456789")));
    if (!code || *code < 1 || *code > 10000) continue;
    found.push_back({static_cast<int>(*code), std::string(address), std::string(trim(line.substr(begin))), log});
  }
  return found;
}

std::optional<std::vector<xid_event>> read_xid_events(const std::string& root) {
  const bench::system_files files(root);
  std::vector<std::pair<std::string, std::string>> logs;
  if (files.is_this_machine()) {
    if (auto buffer = ring_buffer()) logs.emplace_back("the kernel's ring buffer", std::move(*buffer));
  }
  for (const char* name : {"var/log/kern.log", "var/log/messages", "var/log/syslog"}) {
    constexpr std::size_t recent = 64 << 20;
    if (auto text = tail(root + "/" + name, recent)) logs.emplace_back(std::string("/") + name, std::move(*text));
  }
  if (logs.empty()) return std::nullopt;
  // The same event stands in several logs.
  std::set<std::string> seen;
  std::vector<xid_event> all;
  for (const auto& [log, text] : logs) {
    std::set<std::string> here;
    for (auto& event : find_xids(text, log)) {
      here.insert(event.line);
      if (seen.count(event.line) == 0) all.push_back(std::move(event));
    }
    seen.merge(here);
  }
  return all;
}

}  // namespace gpubench::doctor
