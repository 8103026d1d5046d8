#pragma once

#include "models/network_request.hpp"

#include "predictor/fabric.hpp"
#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {

/// How many replicas, ranks of a tensor group and stages: "dp4", "tp2,pp2", nothing for one GPU.
struct parallel_split {
  int data = 1, tensor = 1, pipeline = 1;
  int devices() const { return data * tensor * pipeline; }
};

/// "parallel="; without it data parallel over all GPUs.   @throws error: input when the product is not `gpu_count`.
parallel_split split_from(const case_parameters& parameters, int gpu_count);

/// The links of so many GPUs in usual nodes, or in "nodes=" of them with "network_gbps=".
fabric links_of(const case_parameters& parameters, const case_context& with, const profiles::gpu_spec& gpu,
                int devices);

// Each from the parameter of its name; a value that is not known is an input error.
models::numerics numerics_from(const prediction_case& what);
models::execution execution_from(const case_parameters& parameters);
models::phase phase_from(const case_parameters& parameters, models::phase usual);
models::network_head head_from(const case_parameters& parameters, models::network_head usual);
/// none where the phase has no optimiser step.
/// Adam in all but its norms.
bool is_lamb(const case_parameters& parameters);
models::optimizer_kind optimizer_from(const case_parameters& parameters, models::phase part,
                                      models::optimizer_kind usual);
/// "per_gpu_batch=" or "batch=".
std::int64_t replica_batch(const case_parameters& parameters);

}  // namespace gpubench::predictor
