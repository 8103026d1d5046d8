#pragma once

#include "profiles/provenance.hpp"

#include <array>
#include <span>
#include <string>
#include <vector>

#include "predictor/collective_protocol.hpp"

namespace gpubench::predictor {

/// What the collective model leaves open. Times are those of an H100 in a PCIe 5 host, scaled by fabric::latency_scale
/// (set-up) and fabric::step_scale (hops of small messages); shares are of sustained_bytes_per_second().
struct collective_constants {
  double launch_seconds = 4.37e-6;  ///< every collective
  // Low latency: launch + steps * step + what more threads and channels take once a rank's part is above ramp_bytes.
  double ll_step_seconds = 0.803e-6, ll_ramp_seconds = 1.70e-6, ll_ramp_bytes = 3560, ll_share = 0.487;
  double ll128_setup_seconds = 10.0e-6, ll128_step_seconds = 0.0973e-6, ll128_share = 0.720;
  // Simple: chunks fill the pipeline; own_block_share is the rate of a rank's copy of its own part.
  double simple_setup_seconds = 8.30e-6, simple_step_seconds = 1.73e-6, simple_share = 1.005, simple_ramp = 0.453;
  double own_block_share = 2.67;
  double in_switch_setup_seconds = 8.91e-6, in_switch_share = 0.924, in_switch_ramp = 2.27;
  double exchange_setup_seconds = 1.756e-6, exchange_step_seconds = 0.232e-6, exchange_ramp_seconds = 2.91e-6;
  double exchange_ramp_bytes = 16700, exchange_share = 0.945, exchange_fill_seconds = 3.87e-6;

  static constexpr std::size_t count = 22;
  static const std::array<double collective_constants::*, count> fields;
};

/// Measured over modelled time of one collective on one system, by size: what the formula's few constants leave.
struct collective_curve {
  static constexpr std::size_t first_octave = 9, sizes = 21;  ///< 512 B to 512 MiB, a point an octave

  std::string gpu, architecture;
  collective_kind kind = collective_kind::all_reduce;
  int ranks = 2;
  std::array<float, sizes> log_residual{};
  fabric::link link = fabric::link::nvlink_switch;

  /// Between the points straight in the logarithm of the size; beyond them the last point's.
  double at(double bytes) const;
};

/// 5 % and 95 % quantiles of measured over predicted time.
struct collective_band {
  double low = 0.5, high = 2;
  std::size_t rows = 0;  ///< that they were found on
};

/// Messages to 128 KiB, to 16 MiB, and above.
inline constexpr std::size_t message_classes = 3;
std::size_t message_class(double bytes);

struct collective_model {
  collective_constants constants;
  std::vector<collective_curve> curves;
  /// On systems with curves of their own; shipped: every second size of the A100 and H100 nodes from those between.
  std::array<collective_band, message_classes> own{{{0.93, 1.10, 0}, {0.91, 1.13, 0}, {0.93, 1.06, 0}}};
  profiles::provenance origin;  ///< of what `gpubench calibrate` added; empty: as shipped
};

/// Constants and curves fitted on the public measurements.
const collective_model& shipped_collectives();

/// Formula alone, inside a node:
///   low latency      launch + step*steps + ramp*x^2/(1+x^2) + wire/(share*rate),  x = block/ramp_bytes
///   low latency 128  launch + setup + step*steps + wire/(share*rate); in a tree 1.3 (n-1) steps, 1.25 of the rate
///   simple           launch + L + B + c*sqrt(L*B),  L = setup + step*steps,  B = wire/(share*rate) + block/(own*rate):
///                    a pipeline whose chunks are chosen for the size takes (sqrt(L) + sqrt(B))^2 (c = 2), one of fixed
///                    chunks L + B (c = 0)
///   in the switch    likewise with bytes*(1+1/n): every GPU hands its data out once and its part of the sum back
///   exchange         launch + setup + step*(n-1) + ramp as above + B + sqrt(fill*B)
/// Over PCIe the same with slower hops and shares, typical values.
double modelled_seconds(collective_kind kind, double bytes, const fabric& links, int ranks, bool switch_adds,
                        const collective_constants& constants);

/// Whose measured curves a correction comes from, nearest first.
enum class kinship { own, architecture, other, none };

struct curve_correction {
  double logarithm = 0;
  kinship from = kinship::none;
};

/// The logarithm by which measured curves correct the formula: all of it on the GPU itself or one of its architecture,
/// half on other GPUs behind a switch (left-out GPUs are predicted best so), and half again for numbers of ranks that
/// were not measured; nothing for more than three times as many ranks, or as few. Curves hold for their kind of link;
/// without a switch only the GPU's own do.
curve_correction log_correction(collective_kind kind, double bytes, const fabric& links, int ranks,
                                std::span<const collective_curve> curves);

}  // namespace gpubench::predictor
