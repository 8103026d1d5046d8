#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace gpubench::bench {

/// Says that this program runs on a library, and how to ask that library for its version: "openblas", "onednn".
/// A file of bench/host that calls a library registers it; discover_machine() asks. The function may throw: the
/// library is then left out.
void register_library_version(const std::string& name, std::function<std::string()> version);

/// Name to version of all registered libraries that answered.
std::map<std::string, std::string> library_versions();

/// As the last line of a file: `const library_registration unused{"openblas", openblas_version};`
struct library_registration {
  library_registration(const std::string& name, std::function<std::string()> version) {
    register_library_version(name, std::move(version));
  }
};

}  // namespace gpubench::bench
