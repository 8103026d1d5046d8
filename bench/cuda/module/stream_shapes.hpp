#pragma once

#include "kernels/launch.hpp"
#include "kernels/stream.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// Blocks of a shape's kernel that are on the device at once.
using resident_blocks = std::function<std::uint64_t(const kernels::launch_shape&)>;

/// Launches worth trying for an operation on arrays of `elements` doubles, the most promising first. What is best
/// differs between generations and operations by some percent: how large a block, how much each thread has in flight,
/// one tile a block or as many blocks as fit, whether caches are told that nothing is used twice, and, where the device
/// has bulk copies, those.
std::vector<kernels::launch_shape> stream_shapes(kernels::stream_operation operation, std::uint64_t elements,
                                                 bool has_bulk_copies, const resident_blocks& resident);

/// "65536 blocks of 512 threads with 2 vectors of 16 bytes each, cached".
std::string shape_text(const kernels::launch_shape& shape);

}  // namespace gpubench::cuda
