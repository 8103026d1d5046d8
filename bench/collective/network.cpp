#include "bench/collective/network.hpp"

namespace gpubench::collective {

std::optional<double> per_nic_bytes_per_second(double busbw_bytes_per_second, int ranks, int nodes, crossing how) {
  if (nodes < 2 || ranks < nodes || ranks % nodes != 0) return std::nullopt;
  if (how == crossing::flat_ring) return busbw_bytes_per_second * nodes / ranks;
  return busbw_bytes_per_second * (nodes - 1) / (ranks - 1);
}

std::optional<crossing_verdict> possible_crossings(double busbw_bytes_per_second, int ranks, int nodes,
                                                   double nic_bytes_per_second) {
  const auto ring = per_nic_bytes_per_second(busbw_bytes_per_second, ranks, nodes, crossing::flat_ring);
  const auto hierarchical = per_nic_bytes_per_second(busbw_bytes_per_second, ranks, nodes, crossing::hierarchical);
  if (!ring || !hierarchical || !(nic_bytes_per_second > 0)) return std::nullopt;
  return crossing_verdict{*ring <= nic_bytes_per_second, *hierarchical <= nic_bytes_per_second};
}

}  // namespace gpubench::collective
