#pragma once

#include "bench/cuda/module/parameter_arena.hpp"
#include "bench/cuda/module/step_errors.hpp"

namespace gpubench::cuda {

/// One update of an arena by AdamW: moments and weights against double precision, the copies exactly.
step_errors adamw_errors(kernels::storage type, const arena_sample& before, const arena_sample& after,
                         const kernels::adamw_rates& rates);

}  // namespace gpubench::cuda
