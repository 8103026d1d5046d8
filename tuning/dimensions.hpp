#pragma once

#include <string>
#include <vector>

#include "tuning/search.hpp"

namespace gpubench::tuning {

/// What a machine offers to speak through.
struct network_choices {
  std::vector<std::string> interfaces;  ///< "eth0": up, and no loopback
  std::vector<std::string> rdma;        ///< "mlx5_0"
};

/// What of NCCL can be chosen for a collective ("all_reduce"): interface and card where there are several, algorithm,
/// protocol, number of channels. Source: NCCL documentation, "Environment Variables".
std::vector<dimension> nccl_dimensions(const std::string& collective, const network_choices& network);

/// The same of Open MPI: interface, algorithm of its component "tuned", segment size on top of algorithms that segment,
/// eager limit.
/// Source: Open MPI 4.1 documentation, "ompi_info --param coll tuned --level 9" and "--param btl tcp --level 9".
std::vector<dimension> mpi_dimensions(const std::string& collective, const network_choices& network);

}  // namespace gpubench::tuning
