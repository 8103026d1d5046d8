#include "predictor/collectives.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace gpubench::predictor {
namespace {

struct two_lines {
  double small_latency_us, small_share, large_latency_us, large_share;
};

// Fitted for 2, 4 and 8 ranks; shares of the link's one-direction rate (A100: 300 GB/s, H100: 450 GB/s). All-reduce
// over 8 H100 reduces inside the switch, which is why its share exceeds 1. Gather stands for reduce-scatter too (their
// fitted rates differ by a tenth).
constexpr std::array<two_lines, 3> ampere_reduce{
    {{10.7, 0.19, 36.6, 0.627}, {15.0, 0.36, 55.6, 0.71}, {23.0, 0.44, 103, 0.757}}};
constexpr std::array<two_lines, 3> ampere_gather{
    {{9.9, 0.16, 29.7, 0.52}, {11.8, 0.23, 42.2, 0.65}, {15.5, 0.30, 59, 0.66}}};
constexpr std::array<two_lines, 3> hopper_reduce{
    {{6.5, 0.256, 20.4, 0.66}, {10.1, 0.41, 24.6, 0.756}, {16.7, 0.484, 72.2, 1.03}}};
constexpr std::array<two_lines, 3> hopper_gather{
    {{6.0, 0.21, 18.5, 0.53}, {7.9, 0.30, 25, 0.687}, {11.6, 0.39, 26, 0.73}}};
// Through PCIe switches and the host; no public table: half of the direction rate.
constexpr std::array<two_lines, 3> pcie_any{{{15, 0.15, 40, 0.5}, {25, 0.15, 60, 0.5}, {45, 0.15, 110, 0.5}}};

constexpr double network_share = 0.85;
// Per doubling of nodes; 4 nodes of p6-b200 take about 350 us for 1 MiB (stas00/ml-engineering network/README.md).
constexpr double network_latency_seconds = 170e-6;

const std::array<two_lines, 3>& table_of(fabric::link link, collective_kind kind) {
  const bool reduce = kind == collective_kind::all_reduce;
  switch (link) {
    case fabric::link::nvlink_hopper:
      return reduce ? hopper_reduce : hopper_gather;
    case fabric::link::nvlink_ampere:
      return reduce ? ampere_reduce : ampere_gather;
    default:
      return pcie_any;
  }
}

double wire_factor(collective_kind kind, double n) {
  return (kind == collective_kind::all_reduce ? 2 : 1) * (n - 1) / n;
}

double inside_seconds(collective_kind kind, double bytes, const fabric& links, int n) {
  if (n <= 1) return 0;
  // Above 8 ranks the 8-rank line with latency in proportion; between the fitted counts the next larger.
  const std::size_t row = n <= 2 ? 0 : n <= 4 ? 1 : 2;
  const two_lines& lines = table_of(links.inside, kind)[row];
  const double ranks = std::max(1.0, n / 8.0);
  const double wire = bytes * wire_factor(kind, n);
  const double rate = links.inside_bytes_per_second;
  return std::min(lines.small_latency_us * 1e-6 * ranks + wire / (lines.small_share * rate),
                  lines.large_latency_us * 1e-6 * ranks + wire / (lines.large_share * rate));
}

}  // namespace

fabric fabric_of(const profiles::instance& type, const profiles::gpu_spec* gpu, int nodes) {
  fabric f;
  f.devices_per_node = type.has_gpu() ? std::max(1, type.gpu_count) : 1;
  f.nodes = nodes;
  if (type.network_bits_per_second) f.network_bytes_per_second = *type.network_bits_per_second / 8;
  if (!type.has_gpu() || type.gpu_count < 2) return f;
  using profiles::interconnect;
  const bool fast = type.gpu_interconnect == interconnect::nvlink || type.gpu_interconnect == interconnect::nvswitch ||
                    type.gpu_interconnect == interconnect::infinity_fabric;
  std::optional<double> both_directions = type.gpu_interconnect_bytes_per_second;
  if (fast && !both_directions && gpu) both_directions = gpu->nvlink_bytes_per_second;
  if (fast && both_directions) {
    f.inside_bytes_per_second = *both_directions / 2;
    // In-switch reduction came with Hopper and needs the switch.
    const bool newer = gpu && gpu->vendor == "NVIDIA" && gpu->release_year.value_or(0) >= 2022;
    f.inside = newer && type.gpu_interconnect == interconnect::nvswitch ? fabric::link::nvlink_hopper
                                                                        : fabric::link::nvlink_ampere;
    return f;
  }
  f.inside = fabric::link::pcie;
  // 8, 16, 32, 64 GT/s a lane in generations 3 to 6; 128b/130b encoding.
  const int generation = gpu ? std::clamp(gpu->pcie_generation.value_or(3), 1, 6) : 3;
  const double lanes = gpu ? gpu->pcie_lanes.value_or(16) : 16;
  f.inside_bytes_per_second = lanes * std::ldexp(1e9, generation - 3) * 128 / 130;
  return f;
}

estimate estimate_collective(collective_kind kind, double bytes, const fabric& links, int group) {
  estimate e;
  e.bound_by = bound::interconnect;
  if (group <= 1 || bytes <= 0) return e;
  const int inside = std::min(group, links.devices_per_node);
  const double local = inside_seconds(kind, bytes, links, inside);
  double between = 0;
  const double nodes = std::ceil(static_cast<double>(group) / links.devices_per_node);
  if (nodes > 1) {
    // Without a known rate the job cannot be spread: callers refuse that; 1 Gbit/s keeps the arithmetic finite.
    const double rate = links.network_bytes_per_second > 0 ? links.network_bytes_per_second : 125e6;
    between = bytes * wire_factor(kind, nodes) / (rate * network_share) + network_latency_seconds * std::log2(nodes);
  }
  e.seconds = std::max(local, between);
  e.bound_by = between > local ? bound::network : bound::interconnect;
  const bool fitted = links.inside != fabric::link::pcie || nodes > 1;
  // Inside a node two lines leave about 5 % (95 % quantile about 20 %) on the fitted systems; other systems and the
  // network more.
  const bool own = fitted && nodes <= 1;
  e.low = e.seconds * (own ? 0.8 : 0.6);
  e.high = e.seconds * (own ? 1.25 : 2.0);
  e.basis = fitted ? basis::calibrated : basis::data_sheet;
  return e;
}

}  // namespace gpubench::predictor
