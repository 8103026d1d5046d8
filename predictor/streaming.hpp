#pragma once

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// models::streaming: element-wise operators, copies, embedding, optimiser step, reductions, pooling: all that is said
/// by bytes and FLOP.
///
/// kernel = start + overlapped(bytes / rate, FLOP / (fp32 vector peak * share)); the rate is that of device memory, or
/// of L2 for what fits there (transfer_seconds()): operators work on what the one before them wrote. Eager calls:
/// eager_seconds().
extern const operator_family streaming_family;

}  // namespace gpubench::predictor
