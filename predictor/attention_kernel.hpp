#pragma once

#include <cmath>

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// How the fused attention kernels of a generation of GPUs cut their work. Sources: FlashAttention-2 (arXiv 2307.08691)
/// for what has no bulk copies into shared memory, FlashAttention-3 (arXiv 2407.08608) for Hopper and what follows it
/// in data centres; the times from attention tables of A100-SXM4-80GB and H100-SXM5-80GB (AIConfigurator, commit
/// 095f58a, 2026-08-21, engine vllm). The coefficients of the families are factors on them.
struct attention_kernel {
  double tile_rows = 64;      ///< queries of a prompt's tile
  bool packs_groups = false;  ///< the heads that share keys and values fill a tile together
  double launches = 1;        ///< kernels launched, in launches of the simplest kernel
  double tensor_share = 1;    ///< of the tensor rate that the best kernel reaches
  double tile_seconds = 0;    ///< prologue and epilogue of a prompt's tile
  double lone_tile = 1;       ///< slowdown of a tile that has its multiprocessor to itself
  double write_seconds = 0;   ///< a wave of blocks that write new keys and values into a paged cache
  double decode_tile_seconds = 0;
  double extra_seconds = 0;      ///< a further small kernel: combining the parts of split keys, regrouping heads
  double most_splits = 1;        ///< parts that the keys of one sequence are split into
  double split_slots = 1;        ///< tiles a multiprocessor that splitting aims at
  bool splits_ungrouped = true;  ///< also where no heads share keys and values
};

inline constexpr double attention_key_block = 128;  ///< keys that a tile works on at a time

const attention_kernel& attention_kernel_for(const gpu_traits& on);

/// Dense rate of a precision, or of what stands in for it.
double attention_peak(const gpu_traits& on, models::precision p);

/// Time of the whole GPU for one pair of a query and a key of one head, with keys and values of these widths.
///
/// Two products on the tensor cores, 2 (key width + value width) FLOP, and one exponential, at 16 a clock and
/// multiprocessor (CUDA C++ Programming Guide, arithmetic throughput; Blackwell Ultra twice that: NVIDIA, Blackwell
/// Ultra architecture). They overlap: t = cbrt(products^3 + exponential^3). Narrow heads give the tensor cores too
/// little to hide the softmax behind: below 128 columns the products slow down by 1 + k (128 / width - 1), k =
/// 1.5 (x - 0.17) from 0 to 0.6, x the ratio of the two times at 128 columns (k from the rates at 64 and 128 columns
/// that both papers print for A100 and H100).
double attention_pair_seconds(const gpu_traits& on, models::precision p, double key_width, double value_width,
                              double efficiency);

/// Share of data that a benchmark's repetition finds in L2: all up to 0.6 of its size, none from its whole size on.
double share_in_l2(const gpu_traits& on, double bytes);

/// Bytes of queries, output, and of the keys and values that are seen, each moved once.
double attention_bytes(const models::attention& a, models::precision p);

/// Octaves by which other types than those of 16 bits are held apart from them in the space of shapes.
inline float attention_type_distance(models::precision type) {
  return 3 * std::abs(std::log2(static_cast<float>(models::bytes_per_element(type))) - 1);
}

}  // namespace gpubench::predictor
