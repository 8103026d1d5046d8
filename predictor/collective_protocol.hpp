#pragma once

#include <string_view>

#include "predictor/fabric.hpp"

namespace gpubench::predictor {

enum class collective_kind { all_reduce, all_gather, reduce_scatter, all_to_all, broadcast, send_recv };
std::string_view to_string(collective_kind kind);

/// The way in which NCCL moves a message: the low-latency protocols send a flag with every 8 or 128 bytes, the simple
/// one whole chunks; on a switch that adds, the sum is made there (NVLS); an exchange sends every pair's part at once.
enum class protocol { low_latency, low_latency_128, tree_128, simple, in_switch, exchange };

/// One collective inside a node, in the terms in which its algorithms count.
struct ring_shape {
  double ranks = 2;
  double steps = 1;        ///< hops that the first byte makes, one after the other
  double wire_bytes = 0;   ///< out of every GPU
  double block_bytes = 0;  ///< the share of one rank
};

/// Steps and wire bytes of a ring: 2(n-1) and 2(n-1)/n of the buffer for an all-reduce, half of both for a gather or a
/// scatter (nccl-tests doc/PERFORMANCE.md); a broadcast is a chain that every byte goes along once; an exchange sends
/// (n-1)/n of the buffer in one step a peer.
/// @param bytes  nccl-tests' size: the whole buffer of all ranks for a gather or scatter
ring_shape shape_of(collective_kind kind, double bytes, int ranks);

/// The rate that NCCL reckons a GPU's links with, one direction: 20 of the 25 GB/s of a link of NVLink 2 and 3, 20.6 of
/// 25 of NVLink 4, 40.1 of 50 of NVLink 5, 12 of 15.75 GB/s of PCIe 3 x16 and in proportion (src/graph/topo.h).
double sustained_bytes_per_second(const fabric& links, int ranks);

/// What NCCL chooses. It compares latency + bytes / rate over its protocols with constants of its own and takes the
/// least, also where that is not the fastest in truth: times jump at its borders, so the borders matter. Constants and
/// rule from src/graph/tuning.cc of NCCL 2.27 to 2.29; the in-switch sum is taken from five ranks on, as the
/// measurements show, and for types that the switch adds.
protocol chosen_protocol(collective_kind kind, double bytes, const fabric& links, int ranks, bool switch_adds);

}  // namespace gpubench::predictor
