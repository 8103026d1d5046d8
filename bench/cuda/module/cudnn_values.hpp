#pragma once

#include "bench/cuda/module/cudnn_graph.hpp"

namespace gpubench::cuda::dnn {

/// An element as it lies in memory: of the floating types or int8; not a number of any other.
double stored_value(element type, const void* at);

}  // namespace gpubench::cuda::dnn
