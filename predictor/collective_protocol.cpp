#include "predictor/collective_protocol.hpp"

#include <algorithm>

namespace gpubench::predictor {
namespace {

using tuning = fabric::tuning;

/// By generation: most that the low-latency protocol is reckoned to reach in a node, and the share of the links' rate
/// for a sum in the switch.
constexpr double low_latency_most[] = {39e9, 87.7e9, 141e9, 282e9};
constexpr double in_switch_share[] = {0, 0, 0.85, 0.74};
constexpr int fewest_ranks_in_switch = 5;

/// NVLink generations' yield in NCCL's reckoning.
double sustained_share(tuning generation) {
  switch (generation) {
    case tuning::hopper:
      return 20.6 / 25;
    case tuning::blackwell:
      return 40.1 / 50;
    default:
      return 20.0 / 25;
  }
}

constexpr double pcie_share = 12 / 15.75;

}  // namespace

std::string_view to_string(collective_kind kind) {
  switch (kind) {
    case collective_kind::all_reduce:
      return "all_reduce";
    case collective_kind::all_gather:
      return "all_gather";
    case collective_kind::reduce_scatter:
      return "reduce_scatter";
    case collective_kind::all_to_all:
      return "all_to_all";
    case collective_kind::broadcast:
      return "broadcast";
    case collective_kind::send_recv:
      return "send_recv";
  }
  return "";
}

ring_shape shape_of(collective_kind kind, double bytes, int ranks) {
  const double n = ranks;
  switch (kind) {
    case collective_kind::all_reduce:
      return {n, 2 * (n - 1), bytes * 2 * (n - 1) / n, bytes / n};
    case collective_kind::broadcast:
      return {n, n - 1, bytes, 0};
    case collective_kind::send_recv:
      return {2, 1, bytes, 0};
    default:
      return {n, n - 1, bytes * (n - 1) / n, bytes / n};
  }
}

double sustained_bytes_per_second(const fabric& links, int ranks) {
  const double rate = links.inside_bytes_per_second;
  switch (links.inside) {
    case fabric::link::nvlink_switch:
      return rate * sustained_share(links.generation);
    case fabric::link::nvlink_pairs:
      return ranks <= 2 ? rate * sustained_share(links.generation) : links.pcie_bytes_per_second * pcie_share;
    case fabric::link::nvlink_mesh:
    case fabric::link::infinity_fabric:
      return rate * sustained_share(links.generation) * link_share(links, ranks);
    default:
      return rate * pcie_share;
  }
}

protocol chosen_protocol(collective_kind kind, double bytes, const fabric& links, int ranks, bool switch_adds) {
  if (kind == collective_kind::all_to_all || kind == collective_kind::send_recv) return protocol::exchange;
  const auto generation = static_cast<std::size_t>(links.generation);
  const bool reduce = kind == collective_kind::all_reduce;
  const bool pcie = links.inside == fabric::link::pcie || (links.inside == fabric::link::nvlink_pairs && ranks > 2);
  const ring_shape ring = shape_of(kind, bytes, ranks);
  const double rate = sustained_bytes_per_second(links, ranks);
  const double wire_share = ring.wire_bytes / bytes;

  protocol best = protocol::low_latency;
  double least = 6.6e-6 + (pcie ? 1.0e-6 : 0.6e-6) * ring.steps +
                 ring.wire_bytes / std::min(low_latency_most[generation], rate * 0.5);
  const auto offer = [&](protocol what, double seconds) {
    if (seconds < least) {
      least = seconds;
      best = what;
    }
  };
  offer(protocol::simple, 8.4e-6 + (pcie ? 5.7e-6 : 3.4e-6) * ring.steps + ring.wire_bytes / rate);
  if (!pcie) {
    offer(protocol::low_latency_128, 14e-6 + 1.9e-6 * ring.steps + ring.wire_bytes / (0.92 * rate));
    if (reduce) offer(protocol::tree_128, 14e-6 + 2.5e-6 * (ranks - 1) + bytes * 2 / (0.92 * 7 / 9 * rate));
    const double in_switch = in_switch_share[generation] * 15 / 16 * 2;
    if (reduce && switch_adds && in_switch > 0 && links.inside == fabric::link::nvlink_switch &&
        ranks >= fewest_ranks_in_switch)
      offer(protocol::in_switch, 25e-6 + bytes * wire_share / (in_switch * rate));
  }
  return best;
}

}  // namespace gpubench::predictor
