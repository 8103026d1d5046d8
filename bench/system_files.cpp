#include "bench/system_files.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

namespace gpubench::bench {

system_files::system_files(std::string root) : root_(std::move(root)) {
  if (root_.empty() || root_.back() != '/') root_ += '/';
}

std::optional<std::string> system_files::text(const std::string& path) const {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(root_ + path, ignored)) return std::nullopt;
  std::ifstream stream(root_ + path, std::ios::binary);
  if (!stream) return std::nullopt;
  // Some files of the kernel open and then cannot be read, as the speed of a link that is down: an iterator would
  // throw.
  std::string content;
  std::array<char, 4096> part{};
  while (stream.read(part.data(), part.size()) || stream.gcount() > 0)
    content.append(part.data(), static_cast<std::size_t>(stream.gcount()));
  if (stream.bad()) return std::nullopt;
  return content;
}

std::optional<std::string> system_files::line(const std::string& path) const {
  const auto whole = text(path);
  if (!whole) return std::nullopt;
  const std::string_view first = trim(std::string_view(*whole).substr(0, whole->find('\n')));
  if (first.empty()) return std::nullopt;
  return std::string(first);
}

std::optional<long long> system_files::integer(const std::string& path) const {
  const auto first = line(path);
  return first ? parse_integer(*first) : std::nullopt;
}

bool system_files::exists(const std::string& path) const {
  std::error_code ignored;
  return std::filesystem::exists(root_ + path, ignored);
}

std::vector<std::string> system_files::entries(const std::string& path) const {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(root_ + path, ignored)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> system_files::link_name(const std::string& path) const {
  std::error_code failed;
  const auto target = std::filesystem::read_symlink(root_ + path, failed);
  if (failed || target.filename().empty()) return std::nullopt;
  return target.filename().string();
}

std::optional<std::string> colon_value(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || trim(line.substr(0, colon)) != key) continue;
    const std::string_view value = trim(line.substr(colon + 1));
    if (!value.empty()) return std::string(value);
  }
  return std::nullopt;
}

std::vector<int> parse_cpu_list(std::string_view list) {
  std::vector<int> cpus;
  for (const auto& part : split(trim(list), ',')) {
    const auto dash = part.find('-');
    const auto first = parse_integer(part.substr(0, dash));
    const auto last = dash == std::string::npos ? first : parse_integer(part.substr(dash + 1));
    constexpr long long most = 1 << 16;  // far above any machine; keeps a malformed range from filling memory
    if (!first || !last || *first < 0 || *last < *first || *last > most) return {};
    for (long long cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
  }
  std::sort(cpus.begin(), cpus.end());
  return cpus;
}

}  // namespace gpubench::bench
