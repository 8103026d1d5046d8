#include "doctor/kernel_log.hpp"

#include "core/encoding.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <sys/klog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
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

/// "2026-07-01T12:00:00.123456+02:00", as rsyslog writes it by default.
std::optional<double> dated(const std::string& line) {
  static const std::regex form(R"(^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))?\s)");
  std::smatch parts;
  if (!std::regex_search(line, parts, form)) return std::nullopt;
  auto seconds = parse_utc_seconds(parts[1].str());
  if (seconds && parts[2].matched) {
    const double ahead = 3600 * std::stod(parts[3].str()) + 60 * std::stod(parts[4].str());
    *seconds += parts[2] == "-" ? ahead : -ahead;
  }
  return seconds;
}

/// "Jul  1 12:00:00", as syslog (RFC 3164) writes it: local time, of the last such day.
std::optional<double> without_year(const std::string& line, double now_seconds) {
  static const std::regex form(R"(^([A-Z][a-z]{2})\s+(\d{1,2}) (\d\d):(\d\d):(\d\d)\s)");
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::smatch parts;
  if (!std::regex_search(line, parts, form)) return std::nullopt;
  const auto month = std::find(months.begin(), months.end(), parts[1].str());
  if (month == months.end()) return std::nullopt;
  const auto now = static_cast<std::time_t>(now_seconds);
  std::tm today{};
  localtime_r(&now, &today);
  const auto in_year = [&](int year) {
    std::tm day{};
    day.tm_year = year;
    day.tm_mon = static_cast<int>(month - months.begin());
    day.tm_mday = std::stoi(parts[2].str());
    day.tm_hour = std::stoi(parts[3].str());
    day.tm_min = std::stoi(parts[4].str());
    day.tm_sec = std::stoi(parts[5].str());
    day.tm_isdst = -1;
    return static_cast<double>(std::mktime(&day));
  };
  constexpr double slack_seconds = 24 * seconds_per_hour;  // clocks and time zones that differ
  const double this_year = in_year(today.tm_year);
  return this_year <= now_seconds + slack_seconds ? this_year : in_year(today.tm_year - 1);
}

/// "<4>[  12.345678] ...", since the boot.
std::optional<double> since_boot(const std::string& line, const log_times& times) {
  static const std::regex form(R"(^(?:<\d+>)?\[\s*(\d+\.\d+)\])");
  std::smatch parts;
  if (!times.boot_seconds || !std::regex_search(line, parts, form)) return std::nullopt;
  return *times.boot_seconds + std::stod(parts[1].str());
}

std::optional<double> written_at(const std::string& line, const log_times& times) {
  if (const auto at = dated(line)) return at;
  if (const auto at = without_year(line, times.now_seconds)) return at;
  return since_boot(line, times);
}

/// Where a line tells its time, and what is kept of one: anyone may write to a log, lines of any length and with escape
/// sequences too.
constexpr std::size_t time_bytes = 80, line_bytes = 400;

std::string kept(std::string_view line) {
  return printable(trim(line.substr(0, line_bytes)));
}

/// Clocks are set while a machine starts: what is this near to the boot may be of either start.
constexpr double near_boot_seconds = 60;

bool is_before_boot(const std::optional<double>& at, const log_times& times) {
  return at && times.boot_seconds && *at < *times.boot_seconds - near_boot_seconds;
}

std::optional<xid_event> xid_of(std::string_view line) {
  constexpr std::string_view mark = "NVRM: Xid (";
  const auto begin = line.find(mark);
  if (begin == std::string_view::npos) return std::nullopt;
  const auto inside = line.substr(begin + mark.size());
  const auto close = inside.find("): ");
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view address = inside.substr(0, close);
  if (address.rfind("PCI:", 0) == 0) address.remove_prefix(4);
  const auto rest = inside.substr(close + 3);
  const auto code = parse_integer(rest.substr(0, rest.find_first_not_of("0123456789")));
  if (!code || *code < 1 || *code > 10000) return std::nullopt;
  xid_event event;
  event.code = static_cast<int>(*code);
  event.pci_address = kept(address);
  event.line = kept(line.substr(begin));
  return event;
}

/// The message goes over several lines, of which the first names the GPU.
std::optional<module_refusal> refusal_of(std::string_view line, std::string_view before) {
  const bool needs_open = line.find("requires use of the NVIDIA open") != std::string_view::npos;
  if (!needs_open && line.find("not supported by open") == std::string_view::npos) return std::nullopt;
  static const std::regex form(R"(NVIDIA GPU ([0-9a-fA-F:.]+))");
  const std::string both = kept(before) + ' ' + kept(line);
  std::smatch parts;
  // A vGPU needs a guest's driver, of whatever kind.
  if (both.find("NVIDIA vGPU") != std::string::npos) return std::nullopt;
  module_refusal refusal;
  refusal.needs_open = needs_open;
  if (std::regex_search(both, parts, form)) refusal.gpu = parts[1].str();
  refusal.line = kept(line);
  return refusal;
}

/// The moment that files are of: that of a recorded tree is the one at which its uptime was read.
double present_of(const bench::system_files& files, const std::optional<double>& boot_seconds) {
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  if (files.is_this_machine() || !boot_seconds) return now;
  const auto line = files.line("proc/uptime");
  const auto up_seconds = line ? parse_number(line->substr(0, line->find(' '))) : std::nullopt;
  return up_seconds && *up_seconds >= 0 ? std::min(now, *boot_seconds + *up_seconds) : now;
}

std::optional<double> boot_time(const bench::system_files& files) {
  std::istringstream lines(files.text("proc/stat").value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("btime ", 0) == 0) return parse_number(line.substr(6));
  return std::nullopt;
}

}  // namespace

kernel_log read_kernel_log(std::string_view text, const std::string& log, const log_times& times) {
  kernel_log found;
  std::string_view before;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.find("NVRM: ") != std::string_view::npos || line.find("NVIDIA open") != std::string_view::npos) {
      const auto at = written_at(std::string(line.substr(0, time_bytes)), times);
      const bool earlier = is_before_boot(at, times);
      if (auto event = xid_of(line)) {
        event->log = log;
        if (at) event->age_seconds = std::max(0.0, times.now_seconds - *at);
        event->before_boot = earlier;
        found.xids.push_back(std::move(*event));
      } else if (auto refusal = earlier ? std::nullopt : refusal_of(line, before)) {
        refusal->log = log;
        found.refusals.push_back(std::move(*refusal));
      }
    }
    before = line;
  }
  return found;
}

std::optional<kernel_log> read_kernel_logs(const std::string& root) {
  const bench::system_files files(root);
  log_times times;
  times.boot_seconds = boot_time(files);
  times.now_seconds = present_of(files, times.boot_seconds);
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
  kernel_log all;
  for (const auto& [log, text] : logs) {
    std::set<std::string> here;
    auto one = read_kernel_log(text, log, times);
    for (auto& event : one.xids) {
      here.insert(event.line);
      if (seen.count(event.line) == 0) all.xids.push_back(std::move(event));
    }
    for (auto& refusal : one.refusals) {
      const auto same = [&](const auto& known) {
        return known.needs_open == refusal.needs_open && known.gpu == refusal.gpu;
      };
      if (std::none_of(all.refusals.begin(), all.refusals.end(), same)) all.refusals.push_back(std::move(refusal));
    }
    seen.merge(here);
  }
  return all;
}

}  // namespace gpubench::doctor
