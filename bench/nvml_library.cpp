#include "bench/nvml_library.hpp"

#include <dlfcn.h>

#include <cstdlib>

namespace gpubench::bench {

std::unique_ptr<nvml_library> nvml_library::open(std::string& problem) {
  const char* const chosen = std::getenv("GPUBENCH_NVML_LIBRARY");
  const std::string name = chosen != nullptr && *chosen != '\0' ? chosen : "libnvidia-ml.so.1";
  void* const handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const reason = dlerror();
    const std::string text = reason == nullptr ? "" : reason;
    const bool absent = text.find("No such file") != std::string::npos;
    problem = absent ? "no NVIDIA driver (" + name + " not found)" : name + " cannot be loaded: " + text;
    return nullptr;
  }
  std::unique_ptr<nvml_library> library(new nvml_library(handle));
  const auto initialize = reinterpret_cast<nvml::result (*)()>(library->symbol("nvmlInit_v2"));
  if (initialize == nullptr) {
    problem = name + " is no NVML: it lacks nvmlInit_v2";
    return nullptr;
  }
  const nvml::result status = initialize();
  if (status == nvml::driver_not_loaded) {
    problem = "the NVIDIA driver is installed but not loaded";
    return nullptr;
  }
  if (status != nvml::success) {
    const auto describe = reinterpret_cast<const char* (*)(nvml::result)>(library->symbol("nvmlErrorString"));
    problem = "NVML does not start: " + (describe ? std::string(describe(status)) : "error " + std::to_string(status));
    return nullptr;
  }
  library->initialized_ = true;
  return library;
}

nvml_library::~nvml_library() {
  if (initialized_) call("nvmlShutdown");
  dlclose(handle_);
}

void* nvml_library::symbol(const char* name) const {
  return dlsym(handle_, name);
}

}  // namespace gpubench::bench
