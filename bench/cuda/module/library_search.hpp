#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// Where to look for NVIDIA's libraries besides the loader's own search path. Tests put a tree of their own in its
/// place.
struct library_surroundings {
  std::filesystem::path root = "/";
  std::function<std::string(const char*)> variable;  ///< value of an environment variable, empty when not set
};
library_surroundings this_machine();

/// Existing folders that may hold NVIDIA's libraries, in this order: toolkits (CUDA_HOME, CUDA_PATH, /usr/local/cuda*),
/// then the wheels nvidia-* in the site-packages of $VIRTUAL_ENV, $CONDA_PREFIX, every python3 in $PATH, the user and
/// the system.
std::vector<std::filesystem::path> library_folders(const library_surroundings& where);

/// A shared library, or why there is none. It is never closed.
struct opened_library {
  void* handle = nullptr;
  std::filesystem::path file;  ///< where it was found
  std::string problem;         ///< "libcudnn.so.9 was found in no toolkit, system or Python folder"; empty when opened

  /// nullptr where the library lacks it.
  void* symbol(const char* name) const;
};

/// Opens a library by its soname: first as the loader finds it (run path, LD_LIBRARY_PATH, system), then in
/// library_folders(). Libraries that it opens by itself later are found beside it or when already open, so open those
/// first (cuDNN wants libnvrtc and libcublasLt).
opened_library open_library(const std::string& soname);

/// One function of a library, by name; notes the first that is missing.
template <class Function>
void find_function(const opened_library& library, const char* name, Function& function, std::string& missing) {
  function = reinterpret_cast<Function>(library.symbol(name));
  if (function == nullptr && missing.empty()) missing = library.file.string() + " has no function " + name;
}

}  // namespace gpubench::cuda
