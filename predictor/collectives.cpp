#include "predictor/collectives.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::predictor {
namespace {

constexpr double narrow_sum_factor = 1.05;

/// 5 % and 95 % quantiles of measured over predicted time by message_class(). Kin: one of the two nodes from the other.
/// Assumed for links without a public table.
struct band {
  double low[3], high[3];
};
constexpr band kin_band{{0.84, 0.80, 0.88}, {1.25, 1.30, 1.15}};
constexpr band typical_band{{0.5, 0.5, 0.6}, {2.0, 2.0, 1.7}};
constexpr band network_band{{0.5, 0.6, 0.75}, {2.0, 1.7, 1.25}};

bool reduces(collective_kind kind) {
  return kind == collective_kind::all_reduce || kind == collective_kind::reduce_scatter;
}

/// Seconds between `nodes` nodes, each of which carries the data of `per_node` ranks.
double between_seconds(collective_kind kind, double bytes, const fabric& links, double nodes, double per_node) {
  // Without a known rate the job cannot be spread: callers refuse that; 1 Gbit/s keeps the arithmetic finite.
  const double rate =
      links.network_share * (links.network_bytes_per_second > 0 ? links.network_bytes_per_second : 125e6);
  const double tree_hops = std::log2(nodes);
  switch (kind) {
    case collective_kind::all_reduce:
      return 2 * bytes * (nodes - 1) / nodes / rate + 2 * tree_hops * links.network_hop_seconds;
    case collective_kind::broadcast:
      return bytes / rate + tree_hops * links.network_hop_seconds;
    case collective_kind::send_recv:
      // One GPU sends through the adapter next to it, of which a node has one for each or a few GPUs, of 100 Gbit/s up.
      return bytes / std::min(rate, std::max(rate / per_node, links.network_share * 12.5e9)) +
             links.network_hop_seconds;
    case collective_kind::all_to_all:
      return per_node * bytes * (nodes - 1) / nodes / rate + links.network_hop_seconds;
    default:
      return bytes * (nodes - 1) / nodes / rate + tree_hops * links.network_hop_seconds;
  }
}

}  // namespace

bool switch_adds(models::precision p) {
  using models::precision;
  return p != precision::int8 && p != precision::fp8 && p != precision::fp4;
}

namespace {

/// Where one NVLink domain holds several nodes, all of their networks lead out of it.
fabric domain_links(const fabric& links, int domain) {
  fabric whole = links;
  whole.network_bytes_per_second *= static_cast<double>(domain) / std::max(1, links.devices_per_node);
  return whole;
}

}  // namespace

estimate estimate_collective(collective_kind kind, double bytes, const fabric& links, int group,
                             models::precision precision) {
  const collective_model& model = links.collectives ? *links.collectives : shipped_collectives();
  estimate e;
  e.bound_by = bound::interconnect;
  if (group <= 1 || !(bytes > 0)) return e;
  const int domain = std::max(links.devices_per_node, std::min(links.switch_domain, links.devices()));
  const int inside = std::min(group, domain);
  double local = 0;
  kinship from = kinship::none;
  if (inside > 1) {
    const bool adds = switch_adds(precision);
    const curve_correction correction = log_correction(kind, bytes, links, inside, model.curves);
    from = correction.from;
    local = modelled_seconds(kind, bytes, links, inside, adds, model.constants) * std::exp(correction.logarithm);
    if (!adds && reduces(kind)) local *= narrow_sum_factor;
  }
  const double nodes = std::ceil(static_cast<double>(group) / domain);
  const double between = nodes > 1 ? between_seconds(kind, bytes, domain_links(links, domain), nodes, inside) : 0;
  e.seconds = between > 0 ? std::cbrt(local * local * local + between * between * between) : local;
  if (between > local) e.bound_by = bound::network;

  const bool fitted = links.inside == fabric::link::nvlink_switch;
  const std::size_t size = message_class(bytes);
  const band& spread = nodes > 1 ? network_band : fitted ? kin_band : typical_band;
  const bool own = nodes <= 1 && from == kinship::own;
  e.low = e.seconds * (own ? model.own[size].low : spread.low[size]);
  e.high = e.seconds * (own ? model.own[size].high : spread.high[size]);
  e.basis = nodes > 1                       ? basis::data_sheet
            : from == kinship::own          ? basis::interpolated
            : from == kinship::architecture ? basis::architecture
                                            : basis::data_sheet;
  return e;
}

}  // namespace gpubench::predictor
