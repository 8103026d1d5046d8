#pragma once

#include "predictor/gpu_traits.hpp"

namespace gpubench::predictor {

/// Where the operands of a product come from and its result goes.
struct gemm_memory {
  double dram_bytes_per_second = 0;
  double latency_bytes = 0;  ///< see dram_seconds()
  double l2_bytes_per_second = 0;
  double l2_bytes = 0;  ///< what of the cache stays useful from one product to the next
};

/// DRAM rate that a product sees, with `efficiency` as fitted on HBM. GDDR reaches more of its data-sheet rate: reads
/// at 844 of 864 GB/s on L40 and 679 of 696 on A40, 1769 of 2039 on A100-80GB (te42kyfo/gpu-benches gpu-stream,
/// 2024-04-15 and 2023-01-24).
double dram_rate(const gpu_traits& on, double efficiency);

/// Time to move both operands and the result once. What was used shortly before is still in L2: the activations since
/// the last kernel, and small weights since the last run, of which a benchmark rotates about five copies (calibration
/// files: "weights rotated among up to 5 or 6 copies"). Half of the useful cache or less stays whole, one and a half
/// or more is gone, and in between the share falls evenly.
double operand_seconds(const gemm_memory& from, double weight_bytes, double activation_bytes);

}  // namespace gpubench::predictor
