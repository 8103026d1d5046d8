#pragma once

#include "bench/cuda/module/device.hpp"
#include "bench/cuda/module_interface.h"
#include "kernels/gemm_check.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::cuda {

/// Shapes to measure in a suite, most important first, none twice, those left out that do not fit the device: squares,
/// layers of Llama 3 with 8 and 70 billion parameters from one token (decoding) to 4,096 (prompts, training), batches
/// as attention has them, tall, flat and long ones. The layout of B stays open.
std::vector<kernels::gemm_shape> gemm_shapes(kernels::storage type, gpubench_module_suite suite,
                                             const device_properties& device);

/// Volume m n k of the products that the search for the highest rate goes through: the largest 2^e * 3 * odd part of
/// the number of multiprocessors below 8,192^3 (2,048^3 where fp64 is slow), so that there are shapes whose tiles fill
/// all multiprocessors evenly.
std::int64_t gemm_search_volume(kernels::storage type, const device_properties& device);

/// All shapes of exactly this volume with m and n multiples of 128 and k of 64, each from 1,024 to 32,768 (256 to
/// 32,768 below a volume of 2^34), the nearest to a cube first, at most `most`.
std::vector<kernels::gemm_shape> shapes_of_volume(kernels::storage type, std::int64_t volume, std::size_t most);

}  // namespace gpubench::cuda
