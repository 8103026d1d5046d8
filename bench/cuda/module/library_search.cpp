#include "bench/cuda/module/library_search.hpp"

#include <dlfcn.h>
#include <glob.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <system_error>

namespace gpubench::cuda {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> matches(const fs::path& pattern) {
  std::vector<fs::path> result;
  glob_t found{};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) result.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return result;
}

/// Folders in the order of first mention, without repetition; what does not exist is left out.
class folder_list {
 public:
  void add(const fs::path& pattern) {
    for (const auto& folder : matches(pattern)) {
      std::error_code failed;
      const auto real = fs::canonical(folder, failed);
      if (failed || !fs::is_directory(real, failed)) continue;
      if (std::find(folders_.begin(), folders_.end(), real) == folders_.end()) folders_.push_back(real);
    }
  }

  /// The nvidia-* wheels of one Python installation, or of the same below `lib64`.
  void add_python(const fs::path& prefix) {
    for (const char* lib : {"lib", "lib64", "local/lib"}) {
      for (const char* packages : {"site-packages", "dist-packages"}) {
        add(prefix / lib / "python3*" / packages / "nvidia/*/lib");
      }
    }
  }

  std::vector<fs::path> take() { return std::move(folders_); }

 private:
  std::vector<fs::path> folders_;
};

std::vector<fs::path> split_path(const std::string& value) {
  std::vector<fs::path> result;
  std::istringstream stream(value);
  for (std::string entry; std::getline(stream, entry, ':');) {
    if (!entry.empty()) result.emplace_back(entry);
  }
  return result;
}

/// A virtual environment's python3 is a link to another, whose packages it may share.
void add_pythons_of_path(folder_list& folders, const std::string& path) {
  for (const auto& folder : split_path(path)) {
    const auto python = folder / "python3";
    std::error_code failed;
    if (!fs::exists(python, failed)) continue;
    folders.add_python(folder.parent_path());
    const auto real = fs::canonical(python, failed);
    if (!failed) folders.add_python(real.parent_path().parent_path());
  }
}

}  // namespace

library_surroundings this_machine() {
  return {"/", [](const char* name) {
            const char* value = std::getenv(name);
            return std::string(value != nullptr ? value : "");
          }};
}

std::vector<fs::path> library_folders(const library_surroundings& where) {
  folder_list folders;
  for (const char* name : {"CUDA_HOME", "CUDA_PATH"}) {
    const std::string toolkit = where.variable(name);
    if (!toolkit.empty()) folders.add(fs::path(toolkit) / "lib64");
  }
  folders.add(where.root / "usr/local/cuda*/lib64");
  for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    const std::string prefix = where.variable(name);
    if (!prefix.empty()) folders.add_python(prefix);
  }
  add_pythons_of_path(folders, where.variable("PATH"));
  const std::string home = where.variable("HOME");
  if (!home.empty()) folders.add_python(fs::path(home) / ".local");
  folders.add_python(where.root / "usr");
  folders.add_python(where.root / "usr/local");
  return folders.take();
}

void* opened_library::symbol(const char* name) const {
  return handle != nullptr ? dlsym(handle, name) : nullptr;
}

opened_library open_library(const std::string& soname) {
  opened_library result;
  std::string broken;  // a file of that name that is there and cannot be loaded says more than that none is there
  const auto attempt = [&](const fs::path& file) {
    result.handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    const char* reason = dlerror();
    if (result.handle == nullptr && reason != nullptr && file.has_parent_path()) broken = reason;
    if (result.handle != nullptr) result.file = file;
    return result.handle != nullptr;
  };
  if (attempt(soname)) return result;
  for (const auto& folder : library_folders(this_machine())) {
    std::error_code failed;
    if (fs::exists(folder / soname, failed) && attempt(folder / soname)) return result;
  }
  result.problem = broken.empty() ? soname + " was found in no toolkit, system or Python folder"
                                  : soname + " cannot be loaded (" + broken + ")";
  return result;
}

}  // namespace gpubench::cuda
