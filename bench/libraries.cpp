#include "bench/libraries.hpp"

#include <exception>

namespace gpubench::bench {

namespace {

std::map<std::string, std::function<std::string()>>& registered_libraries() {
  static std::map<std::string, std::function<std::string()>> instance;
  return instance;
}

}  // namespace

void register_library_version(const std::string& name, std::function<std::string()> version) {
  registered_libraries()[name] = std::move(version);
}

std::map<std::string, std::string> library_versions() {
  std::map<std::string, std::string> versions;
  for (const auto& [name, version] : registered_libraries()) {
    try {
      versions[name] = version();
    } catch (const std::exception&) {
      // A library that cannot say its version is no reason to refuse a run.
    }
  }
  return versions;
}

}  // namespace gpubench::bench
