#pragma once

#include "profiles/workload.hpp"

namespace gpubench::planner {

/// Bytes that a checkpoint must hold for the work to go on from it. Adam: an fp32 master copy and two moments a trained
/// weight (12 bytes; arXiv 1910.02054). ResNet-50 by SGD: fp32 weights and momentum (8 bytes). Inference and serving
/// keep no state: 0.
double checkpoint_bytes(const profiles::workload& what);

}  // namespace gpubench::planner
