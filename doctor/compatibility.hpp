#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "doctor/finding.hpp"
#include "doctor/version.hpp"

namespace gpubench::doctor {

/// Programs of a major CUDA version run on drivers from `lowest_driver` on.
struct cuda_family {
  int major = 0;
  version lowest_driver;
  std::string source;
};

/// The CUDA versions that make machine code for some GPUs: [first, dropped).
struct gpu_architecture {
  std::string name;
  std::vector<std::string> compute_capabilities;
  std::optional<version> first, dropped;
  std::string source;
};

/// The older driver branches, "535", under which a CUDA version's forward-compatibility package is meant to work.
struct forward_branches {
  version cuda;
  std::vector<std::string> driver_branches;
  std::string source;

  bool has(const version& driver) const;
};

/// The cuDNN versions that a major CUDA version does not work with.
struct cudnn_limits {
  int cuda_major = 0;
  std::optional<version> unsupported_below, unsupported_from;
  std::string source;
};

/// What a number in the driver's log means.
struct xid_meaning {
  std::string meaning;
  severity level = severity::note;
  std::string mend;
};

/// Which versions of NVIDIA's software work together. What is not known is not in it, and is not judged.
struct compatibility {
  std::vector<cuda_family> families;
  std::map<std::string, version> toolkit_drivers;  ///< by CUDA version, "12.4"
  std::string toolkit_source;
  std::vector<gpu_architecture> architectures;
  std::vector<forward_branches> forward;
  std::vector<cudnn_limits> cudnn;
  std::map<int, xid_meaning> xids;
  std::string xid_source;

  const cuda_family* find_family(int major) const;
  const gpu_architecture* find_architecture(const std::string& compute_capability) const;
  const forward_branches* find_forward(const version& cuda) const;
  const cudnn_limits* find_cudnn(int cuda_major) const;
};

/// Reads compatibility.toml of the catalogue's folder.   @throws error: io, or input at line and column.
compatibility load_compatibility(const std::filesystem::path& data_directory);

}  // namespace gpubench::doctor
