#pragma once

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// Fused attention of several queries a sequence: prompts, chunks of prompts, training, and its backward pass.
extern const operator_family attention_prefill;

/// Fused attention of one query a sequence, or of the few of speculative decoding, against a cache of keys and values.
extern const operator_family attention_decode;

}  // namespace gpubench::predictor
