#pragma once

#include "models/precision.hpp"

#include "predictor/collective_model.hpp"
#include "predictor/estimate.hpp"

namespace gpubench::predictor {

/// Time of one collective over `group` neighbouring devices (tensor parallel: within a node) or over all. `bytes` is
/// nccl-tests' size: what every rank reduces, sends or receives, and for a gather or scatter the whole buffer of all
/// ranks.
///
/// Inside a node (or an NVLink domain of several): modelled_seconds() of NCCL's algorithms, corrected by measured
/// curves of the GPU or its kin. Across nodes the part inside and the part between run as a pipeline that is a little
/// worse than its slower stage, (inside^3 + between^3)^(1/3); between: a node's bytes times 2(m-1)/m or (m-1)/m over m
/// nodes at the share of the node's rate that fabric_of() states, and the hops of a tree.
///
/// The model is that of `links`, else shipped_collectives().
///
/// `precision` matters where the switch adds (fp16, bf16, fp32, fp64 from Hopper on) and little elsewhere: 8-bit sums
/// take 5 % longer in a ring.
estimate estimate_collective(collective_kind kind, double bytes, const fabric& links, int group,
                             models::precision precision = models::precision::bf16);

/// Types that NVSwitch adds (NVIDIA CUDA driver API, multimem.ld_reduce in the PTX ISA: f16, bf16, f32, f64 and wider
/// integers; NCCL leaves 8-bit types out).
bool switch_adds(models::precision p);

}  // namespace gpubench::predictor
