#pragma once

#include "bench/registry.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::bench {

/// How looking for the CUDA back-end ended. Each has its own sentence and hint.
enum class cuda_state {
  ready,
  module_not_found,   ///< not built, or not installed where it is looked for
  library_missing,    ///< the module is there, a shared library that it needs is not
  module_unloadable,  ///< not a shared library of this machine
  symbol_missing,     ///< some other shared library
  other_version,      ///< built for another version of the interface
  no_driver,
  driver_too_old,
  no_device,
  failed,  ///< the driver answered with an error
};

struct cuda_device {
  std::string name;  ///< as in results: "gpu0"
  std::string model;
  std::optional<std::string> uuid;  ///< as NVML writes it; CUDA_VISIBLE_DEVICES can make its numbering another
  std::optional<std::string> compute_capability;
  std::optional<double> memory_bytes, l2_bytes;
  std::optional<int> multiprocessors;
};

struct cuda_backend {
  cuda_state state = cuda_state::module_not_found;
  std::string status;  ///< one sentence: what is used, or why nothing is
  std::string hint;    ///< what to do about it; empty when ready
  std::filesystem::path module;
  std::vector<cuda_device> devices;
  std::vector<benchmark_definition> benchmarks;  ///< one per benchmark and device; empty unless ready
  /// A new identity for ranks in several processes that are to communicate.   @throws error: environment
  std::function<std::string()> new_communicator_id;
};

/// Files that are tried for a part loaded at run time, in order: the one that the environment variable names alone
/// where it is set, else beside the program, then the library folder of the installation that the program stands in.
std::vector<std::filesystem::path> module_candidates(const char* variable, const char* file_name);

/// Files that are tried for the module, in order: $GPUBENCH_CUDA_MODULE alone where it is set, else beside the program,
/// then the library folder of the installation that the program stands in.
std::vector<std::filesystem::path> cuda_module_candidates();

/// Loads gpubench_cuda.so, asks it for devices and turns what it offers into benchmark definitions. Never throws for a
/// machine without CUDA, GPU or module: it says so in `status`. The module is never unloaded.
/// Where CUDA_DEVICE_ORDER is not set, it is set to PCI_BUS_ID, so that gpu0 is the GPU 0 of NVML and nvidia-smi.
/// @param module_file  tried alone, instead of the candidates, when not empty.
cuda_backend load_cuda_backend(const std::filesystem::path& module_file = {});

/// True once work on a device never ended. The driver would wait for it when the program ends in the ordinary way, so
/// the program must then end without (std::_Exit).
bool cuda_device_hangs();

}  // namespace gpubench::bench
