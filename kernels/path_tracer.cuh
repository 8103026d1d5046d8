#pragma once

#include "kernels/path_tracer.hpp"

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

/// Threads of a block; a warp takes a tile of 8 x 4 pixels, a thread all samples of its pixel.
inline constexpr int path_tracer_block_threads[] = {128, 64, 256};

/// Makes the whole picture.
/// @param scene   with pointers of the device
/// @param pixels  of the device, width x height, rows from the top
/// @param threads one of path_tracer_block_threads
/// Errors are left to cudaGetLastError().
void launch_path_tracer(const scene_view& scene, const image_settings& image, vector3* pixels, int threads,
                        cudaStream_t stream);

}  // namespace gpubench::kernels
