#pragma once

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// models::row_operation: softmax, layer normalisation and RMS normalisation, forward and backward, of any row length.
///
/// How frameworks run them (PyTorch aten/src/ATen/native/cuda: PersistentSoftmax.cuh, SoftMax.cu,
/// layer_norm_kernel.cu): a softmax of up to 1024 columns keeps a row in one warp's registers and touches memory once;
/// a longer one has a block a row, which reads the row three times; a normalisation has a block of 128 threads a row
/// and reads it twice. The later reads hit the caches as long as the rows under way fit there.
///
/// kernel = start + overlapped(memory, row) * (1 + first_wave / (1 + waves / 3))
/// memory = (least bytes + re-read bytes * missed) / rate, missed = clamp(rows under way / near caches - 0.3, 0, 1)
/// row    = rows * (row_cycles * warps of a row / 4 + 0.3 * cols * 64 / fp32 lanes) / (multiprocessors * clock)
///
/// waves = rows / rows under way. In the first waves all blocks load, reduce and write in step and overlap little.
extern const operator_family row_operation_family;

}  // namespace gpubench::predictor
