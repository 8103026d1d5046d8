#include "bench/cuda/loader.hpp"

#include "bench/cuda/module_benchmarks.hpp"
#include "bench/cuda/module_interface.h"
#include "bench/libraries.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <dlfcn.h>

#include <cstdlib>
#include <system_error>

namespace gpubench::bench {

namespace {

constexpr const char* module_file_name = "gpubench_cuda.so";

cuda_backend refused(cuda_state state, std::string status, std::string hint, std::filesystem::path module = {}) {
  cuda_backend result;
  result.state = state;
  result.status = std::move(status);
  result.hint = std::move(hint);
  result.module = std::move(module);
  return result;
}

std::string quoted_list(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::string> names;
  names.reserve(paths.size());
  for (const auto& path : paths) names.push_back(path.string());
  return join(names, ", ");
}

/// The name in "libx.so.1: cannot open shared object file: No such file or directory", which is how glibc reports a
/// dependency that it cannot find; nothing for other texts, or when it is the module itself that it speaks of.
std::optional<std::string> missing_library(const std::string& message, const std::filesystem::path& module) {
  const auto colon = message.find(": cannot open shared object file");
  if (colon == std::string::npos) return std::nullopt;
  std::string name = message.substr(0, colon);
  if (name == module.string()) return std::nullopt;
  return name;
}

cuda_backend not_loadable(const std::filesystem::path& module) {
  const char* text = dlerror();
  const std::string message = text != nullptr ? text : "unknown reason";
  if (const auto library = missing_library(message, module)) {
    return refused(cuda_state::library_missing, fmt::format("{} needs {}, which is missing", module.string(), *library),
                   fmt::format("install the package that has {}, or add its folder to LD_LIBRARY_PATH", *library),
                   module);
  }
  return refused(cuda_state::module_unloadable, fmt::format("{} cannot be loaded ({})", module.string(), message),
                 "build the module again on this machine", module);
}

cuda_backend not_initialized(const gpubench_module_table& table, std::int32_t state,
                             const std::filesystem::path& module) {
  const auto [kind, reason] = [&]() -> std::pair<cuda_state, std::string> {
    const std::string detail = table.last_error();
    switch (state) {
      case GPUBENCH_MODULE_NO_DRIVER:
        return {cuda_state::no_driver, "no NVIDIA driver (libcuda.so.1 not found)"};
      case GPUBENCH_MODULE_DRIVER_TOO_OLD:
        return {cuda_state::driver_too_old, "the NVIDIA driver is too old: " + detail};
      case GPUBENCH_MODULE_NO_DEVICE:
        return {cuda_state::no_device, "no NVIDIA GPU is visible: " + detail};
      default:
        return {cuda_state::failed, "the CUDA driver failed: " + detail};
    }
  }();
  std::string hint = table.last_hint();
  if (hint.empty() && kind == cuda_state::no_driver) hint = "install NVIDIA's driver; a container needs --gpus all";
  if (hint.empty()) hint = "see whether nvidia-smi works";
  return refused(kind, reason, std::move(hint), module);
}

/// Names what the module runs on in every run file, beside the host's libraries.
void register_libraries(const gpubench_module_table& table) {
  for (std::uint32_t i = 0;; ++i) {
    const char* entry = table.library(i);
    if (entry == nullptr) return;
    const std::string text = entry;
    const auto space = text.rfind(' ');
    if (space == std::string::npos) continue;
    register_library_version(text.substr(0, space), [version = text.substr(space + 1)] { return version; });
  }
}

/// nullptr when the file does not define it. A data symbol, so that the version is read before any code of the module
/// is called.
const gpubench_module_table* table_of(void* library) {
  return static_cast<const gpubench_module_table*>(dlsym(library, GPUBENCH_MODULE_SYMBOL));
}

cuda_backend load(const std::filesystem::path& module) {
  // Never closed: the driver's threads and the definitions refer to the module until the program ends.
  void* library = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return not_loadable(module);
  const gpubench_module_table* table = table_of(library);
  if (table == nullptr) {
    return refused(cuda_state::symbol_missing,
                   fmt::format("{} is not a gpubench module (no symbol {})", module.string(), GPUBENCH_MODULE_SYMBOL),
                   "name the gpubench_cuda.so of this version of gpubench", module);
  }
  if (table->interface_version != GPUBENCH_MODULE_INTERFACE_VERSION) {
    return refused(cuda_state::other_version,
                   fmt::format("{} has interface version {}, this program needs {}", module.string(),
                               table->interface_version, GPUBENCH_MODULE_INTERFACE_VERSION),
                   "build or install the program and the module from the same version of gpubench", module);
  }
  const std::int32_t state = table->initialize();
  if (state != GPUBENCH_MODULE_READY) return not_initialized(*table, state, module);

  cuda_backend result;
  result.state = cuda_state::ready;
  result.module = module;
  result.devices = devices_of(*table);
  result.benchmarks = benchmarks_of(*table);
  register_libraries(*table);
  result.new_communicator_id = [table]() -> std::string {
    const char* id = table->communicator_id();
    if (id == nullptr) throw error(error_kind::environment, table->last_error(), table->last_hint());
    return id;
  };
  result.status = fmt::format("{}, {}", count_of(result.devices.size(), "GPU"), table->build);
  return result;
}

std::filesystem::path program_folder() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::filesystem::path{} : program.parent_path();
}

}  // namespace

std::vector<std::filesystem::path> module_candidates(const char* variable, const char* file_name) {
  if (const char* named = std::getenv(variable); named != nullptr && *named != '\0') return {named};
  const auto folder = program_folder();
  if (folder.empty()) return {};
  const auto installed = folder / GPUBENCH_LIBDIR_FROM_BINDIR / "gpubench" / file_name;
  return {folder / file_name, installed.lexically_normal()};
}

std::vector<std::filesystem::path> cuda_module_candidates() {
  return module_candidates("GPUBENCH_CUDA_MODULE", module_file_name);
}

cuda_backend load_cuda_backend(const std::filesystem::path& module_file) {
  const auto candidates =
      module_file.empty() ? cuda_module_candidates() : std::vector<std::filesystem::path>{module_file};
  setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 0);
  for (const auto& candidate : candidates) {
    std::error_code failed;
    if (!std::filesystem::exists(candidate, failed)) continue;
    // Absolute: dlopen searches the library path for a name without a slash.
    const auto path = std::filesystem::absolute(candidate, failed);
    try {
      return load(failed ? candidate : path);
    } catch (const error& e) {
      return refused(cuda_state::failed, e.what(), e.hint(), candidate);
    }
  }
  return refused(cuda_state::module_not_found,
                 fmt::format("not built or not installed ({} not found)", quoted_list(candidates)),
                 "build with a CUDA toolkit (cmake --workflow --preset cuda), or name the file in "
                 "GPUBENCH_CUDA_MODULE");
}

}  // namespace gpubench::bench
