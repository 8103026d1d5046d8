#pragma once

#include "bench/system_files.hpp"

#include <map>
#include <optional>
#include <string>

namespace gpubench::collective {

/// The network interface that a rank speaks through to other machines, as far as the system tells.
struct rank_interface {
  std::string name;
  std::optional<double> bytes_per_second;  ///< as its driver states it; virtual interfaces often state none
};

/// The first interface that is up and that the variables name (NCCL_SOCKET_IFNAME: prefixes, or names after "=", or all
/// others after "^"; OMPI_MCA_btl_tcp_if_include: names), else that of the default route, else the first one that is
/// up. Loopback only where it is named.   @return nothing where there is none. Source: NCCL documentation,
/// "NCCL_SOCKET_IFNAME"; Linux, Documentation/ABI/testing/sysfs-class-net; proc_net(5).
std::optional<rank_interface> find_rank_interface(const bench::system_files& files,
                                                  const std::map<std::string, std::string>& variables);

}  // namespace gpubench::collective
