#pragma once

#include "bench/system_files.hpp"

#include <string>
#include <vector>

namespace gpubench::doctor {

/// A network plugin of NCCL on disk, as aws-ofi-nccl's for EFA.
struct nccl_plugin {
  std::string path;              ///< "/opt/amazon/ofi-nccl/lib/libnccl-net-ofi.so"
  bool found_by_loader = false;  ///< its folder is among those that the loader searches
};

/// @param loader_folders  those of LD_LIBRARY_PATH and /etc/ld.so.conf.d, without a leading slash
/// Source: names of NCCL, documentation, NCCL_NET_PLUGIN (libnccl-net.so, libnccl-net-NAME.so); folders of the EFA
/// installer of AWS and of aws-ofi-nccl's own installation.
std::vector<nccl_plugin> find_nccl_plugins(const bench::system_files& files,
                                           const std::vector<std::string>& loader_folders);

}  // namespace gpubench::doctor
