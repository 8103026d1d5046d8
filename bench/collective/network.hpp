#pragma once

#include "bench/collective/shape.hpp"

#include <optional>

namespace gpubench::collective {

/// How an all-reduce crosses nodes. flat_ring: one ring through all ranks. hierarchical: within each node first (NVLS,
/// tree), then between nodes, each rank with its share.
enum class crossing { flat_ring, hierarchical };

/// Rate of one network card where each rank has one, from the bus bandwidth of an all-reduce, all-gather or
/// reduce-scatter over `ranks` ranks in `nodes` nodes of equal size. A flat ring crosses each node's border once in
/// each direction with the bus bandwidth of the whole ring, over `ranks / nodes` cards: busbw nodes / ranks. A
/// hierarchical one moves busbw (nodes - 1) / (ranks - 1): of what a rank moves in all, the part between nodes.
/// @return nothing for one node, or ranks that the nodes do not share out evenly.
std::optional<double> per_nic_bytes_per_second(double busbw_bytes_per_second, int ranks, int nodes, crossing how);

/// What the rate of a card says about how the data crossed: a ring that would need more than a card has cannot have
/// been one.
struct crossing_verdict {
  bool flat_ring_possible = true;
  bool hierarchical_possible = true;
};
/// @param nic_bytes_per_second  of one card, one direction, as its data sheet states it
std::optional<crossing_verdict> possible_crossings(double busbw_bytes_per_second, int ranks, int nodes,
                                                   double nic_bytes_per_second);

}  // namespace gpubench::collective
