#pragma once

#include "bench/system_files.hpp"

#include <optional>
#include <string>
#include <vector>

#include "doctor/version.hpp"

namespace gpubench::doctor {

/// A library of CUDA's family that is installed somewhere.
struct installed_library {
  std::string name;  ///< "cudart", "cublas", "cudnn", "nccl"
  version release;
  std::string place;              ///< folder, or "pip package" and its folder
  std::optional<int> cuda_major;  ///< that it was built for, where its place or name tells

  friend bool operator==(const installed_library&, const installed_library&) = default;
};

struct cuda_toolkit {
  version release;
  std::string folder;
};

/// A package of forward compatibility: libcuda.so of a newer driver.
struct compatibility_package {
  version driver;
  std::string folder;
};

/// NVIDIA's software as files on disk say it.
struct nvidia_software {
  std::optional<version> kernel_module;
  std::optional<bool> open_module;      ///< the open kernel modules, not the proprietary ones
  std::vector<version> user_libraries;  ///< versions of libcuda.so and libnvidia-ml.so, ascending
  std::vector<cuda_toolkit> toolkits;
  std::vector<compatibility_package> compatibility;
  std::vector<std::string> linker_folders;  ///< of /etc/ld.so.conf, without a leading slash
  std::vector<installed_library> libraries;

  /// Distinct versions of a library, ascending.
  std::vector<version> versions_of(const std::string& library) const;
};

/// @param more_folders  that are searched for libraries as well, as those of LD_LIBRARY_PATH; without a leading slash
/// Source: file names of NVIDIA's packages (libNAME.so.VERSION), version.json of toolkits from 11.1 on, and Python's
/// "Recording installed projects" (NAME-VERSION.dist-info).
nvidia_software find_nvidia_software(const bench::system_files& files, const std::vector<std::string>& more_folders);

}  // namespace gpubench::doctor
