#include "predictor/collective_model.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::predictor {
namespace {

/// How a link differs from NVLink in what is not its rate. NVLink: fitted. The others have no public table; hops: NCCL
/// reckons with 1.7 times NVLink's over PCIe (src/graph/tuning.cc), and a stop in host memory doubles the way; rates:
/// a stop in host memory writes and reads every byte over the host's bridges.
struct link_habit {
  double step_factor = 1;  ///< on hops
  double rate_factor = 1;  ///< on the shares
  double own_factor = 1;   ///< on the share of a rank's copy of its own part, which leaves no slow link
};

link_habit habit_of(const fabric& links, int ranks) {
  const bool over_pcie = links.inside == fabric::link::pcie || links.inside == fabric::link::none ||
                         (links.inside == fabric::link::nvlink_pairs && ranks > 2);
  if (over_pcie) {
    // Half of a node's GPUs stand behind one socket; between the sockets NCCL goes through host memory.
    const bool one_socket = ranks <= std::max(2, links.devices_per_node / 2);
    return links.peer_access && one_socket ? link_habit{2, 0.92, 10} : link_habit{3.5, 0.55, 10};
  }
  if (links.inside == fabric::link::infinity_fabric) return {1.6, 0.88};
  return {};
}

/// Per channel NCCL reckons with 20 GB/s up to Ampere and 36.7 from Hopper on for this protocol, 1.83 times, where the
/// links have 1.545 times.
double ll128_factor(fabric::tuning generation) {
  return generation <= fabric::tuning::ampere ? 0.84 : 1;
}

/// Blackwell: 0.74 / 0.85 by NCCL's reckoning; less 7 %, as 8 x B200 (723 GB/s at 1 GiB, 846 at 16 GiB, stas00
/// ml-engineering 2026-08-22) and 72 x GB300 (937 at 16 GiB, Azure 2026-04-22) say.
double in_switch_factor(fabric::tuning generation) {
  return generation == fabric::tuning::blackwell ? 0.81 : 1;
}

double saturating(double x) {
  return x * x / (1 + x * x);
}

}  // namespace

const std::array<double collective_constants::*, collective_constants::count> collective_constants::fields{
    &collective_constants::launch_seconds,
    &collective_constants::ll_step_seconds,
    &collective_constants::ll_ramp_seconds,
    &collective_constants::ll_ramp_bytes,
    &collective_constants::ll_share,
    &collective_constants::ll128_setup_seconds,
    &collective_constants::ll128_step_seconds,
    &collective_constants::ll128_share,
    &collective_constants::simple_setup_seconds,
    &collective_constants::simple_step_seconds,
    &collective_constants::simple_share,
    &collective_constants::simple_ramp,
    &collective_constants::own_block_share,
    &collective_constants::in_switch_setup_seconds,
    &collective_constants::in_switch_share,
    &collective_constants::in_switch_ramp,
    &collective_constants::exchange_setup_seconds,
    &collective_constants::exchange_step_seconds,
    &collective_constants::exchange_ramp_seconds,
    &collective_constants::exchange_ramp_bytes,
    &collective_constants::exchange_share,
    &collective_constants::exchange_fill_seconds};

std::size_t message_class(double bytes) {
  return bytes <= 131072 ? 0 : bytes <= 16777216 ? 1 : 2;
}

double collective_curve::at(double bytes) const {
  const double place = std::clamp(std::log2(bytes) - static_cast<double>(first_octave), 0.0, sizes - 1.0);
  const auto below = std::min(static_cast<std::size_t>(place), sizes - 2);
  const double part = place - static_cast<double>(below);
  return log_residual[below] * (1 - part) + log_residual[below + 1] * part;
}

double modelled_seconds(collective_kind kind, double bytes, const fabric& links, int ranks, bool switch_adds,
                        const collective_constants& c) {
  const ring_shape ring = shape_of(kind, bytes, ranks);
  const link_habit habit = habit_of(links, ranks);
  const double rate = sustained_bytes_per_second(links, ranks) * habit.rate_factor;
  const double own_rate = c.own_block_share * habit.own_factor * rate;
  const double setup = links.latency_scale;
  const double hop = links.step_scale * habit.step_factor;
  const double launch = setup * c.launch_seconds;
  const auto pipelined = [](double fill, double bulk, double ramp) {
    return fill + bulk + ramp * std::sqrt(fill * bulk);
  };

  switch (chosen_protocol(kind, bytes, links, ranks, switch_adds)) {
    case protocol::low_latency:
      return launch +
             hop *
                 (c.ll_step_seconds * ring.steps + c.ll_ramp_seconds * saturating(ring.block_bytes / c.ll_ramp_bytes)) +
             ring.wire_bytes / (c.ll_share * rate);
    case protocol::low_latency_128:
      return launch + setup * (c.ll128_setup_seconds + c.ll128_step_seconds * ring.steps) +
             ring.wire_bytes / (c.ll128_share * ll128_factor(links.generation) * rate);
    case protocol::tree_128:
      return launch + setup * (c.ll128_setup_seconds + c.ll128_step_seconds * 1.3 * (ring.ranks - 1)) +
             ring.wire_bytes / (1.25 * c.ll128_share * ll128_factor(links.generation) * rate);
    case protocol::simple: {
      const double fill = setup * (c.simple_setup_seconds + habit.step_factor * c.simple_step_seconds * ring.steps);
      const double bulk = ring.wire_bytes / (c.simple_share * rate) + ring.block_bytes / own_rate;
      return launch + pipelined(fill, bulk, c.simple_ramp);
    }
    case protocol::in_switch: {
      const double fill = setup * c.in_switch_setup_seconds;
      const double bulk =
          bytes * (1 + 1 / ring.ranks) / (c.in_switch_share * in_switch_factor(links.generation) * rate);
      return launch + pipelined(fill, bulk, c.in_switch_ramp);
    }
    case protocol::exchange: {
      const double bulk = ring.wire_bytes / (c.exchange_share * rate) + ring.block_bytes / own_rate;
      return launch + setup * c.exchange_setup_seconds +
             hop * (c.exchange_step_seconds * ring.steps +
                    c.exchange_ramp_seconds * saturating(ring.block_bytes / c.exchange_ramp_bytes)) +
             bulk + std::sqrt(setup * c.exchange_fill_seconds * bulk);
    }
  }
  return launch;
}

curve_correction log_correction(collective_kind kind, double bytes, const fabric& links, int ranks,
                                std::span<const collective_curve> curves) {
  constexpr double share_of_others = 0.5, share_of_other_ranks = 0.5, furthest_ratio = 3;
  curve_correction result;
  // One kind of system's curves apply, the nearest there is; among them the numbers of ranks by their distance.
  double sum = 0, weights = 0;
  for (const collective_curve& curve : curves) {
    if (curve.kind != kind || curve.link != links.inside) continue;
    if (links.inside != fabric::link::nvlink_switch && curve.gpu != links.gpu) continue;
    const double ratio = curve.ranks > ranks ? 1.0 * curve.ranks / ranks : 1.0 * ranks / curve.ranks;
    if (ratio > furthest_ratio) continue;
    const kinship how = curve.gpu == links.gpu                     ? kinship::own
                        : curve.architecture == links.architecture ? kinship::architecture
                                                                   : kinship::other;
    if (how > result.from) continue;
    if (how < result.from) sum = weights = 0;
    result.from = how;
    const double weight = 1 / (1e-4 + (ratio - 1) * (ratio - 1));
    sum += weight * (ratio > 1 ? share_of_other_ranks : 1) * curve.at(bytes);
    weights += weight;
  }
  if (weights > 0) result.logarithm = sum / weights * (result.from == kinship::other ? share_of_others : 1);
  return result;
}

}  // namespace gpubench::predictor
