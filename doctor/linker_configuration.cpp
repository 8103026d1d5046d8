#include "doctor/linker_configuration.hpp"

#include "core/text.hpp"

#include <fnmatch.h>

#include <set>
#include <string_view>

namespace gpubench::doctor {

namespace {

class configuration_reader {
 public:
  explicit configuration_reader(const bench::system_files& files) : files_(files) {}

  void read(const std::string& file) {
    // Files may include each other.
    if (!read_.insert(file).second) return;
    for (const auto& whole : split(files_.text(file).value_or(""), '\n')) {
      const std::string_view line = trim(std::string_view(whole).substr(0, whole.find('#')));
      constexpr std::string_view include = "include";
      if (line.rfind(include, 0) == 0 && line.size() > include.size() &&
          std::string_view(" \t").find(line[include.size()]) != std::string_view::npos)
        read_all(line.substr(include.size()), file);
      else
        add(line);
    }
  }

  /// The files of patterns as "ld.so.conf.d/*.conf", which begin where the including file lies.
  void read_all(std::string_view patterns, const std::string& from) {
    while (!(patterns = trim(patterns)).empty()) {
      std::string pattern(patterns.substr(0, patterns.find_first_of(" \t")));
      patterns.remove_prefix(pattern.size());
      pattern = pattern.front() == '/' ? pattern.substr(1) : from.substr(0, from.rfind('/') + 1) + pattern;
      const auto name_at = pattern.rfind('/') + 1;
      for (const auto& name : files_.entries(pattern.substr(0, name_at)))
        if (::fnmatch(pattern.c_str() + name_at, name.c_str(), FNM_PERIOD) == 0)
          read(pattern.substr(0, name_at) + name);
    }
  }

  std::vector<std::string> folders;

 private:
  void add(std::string_view line) {
    while (line.size() > 1 && line.back() == '/') line.remove_suffix(1);
    if (line.size() > 1 && line.front() == '/') folders.emplace_back(line.substr(1));
  }

  const bench::system_files& files_;
  std::set<std::string> read_;
};

}  // namespace

std::vector<std::string> linker_folders(const bench::system_files& files) {
  const std::string all = "etc/ld.so.conf";
  configuration_reader reader(files);
  if (files.exists(all))
    reader.read(all);
  else
    reader.read_all("ld.so.conf.d/*.conf", all);
  return reader.folders;
}

}  // namespace gpubench::doctor
