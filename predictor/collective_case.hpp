#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "predictor/case_parameters.hpp"
#include "predictor/collectives.hpp"

namespace gpubench::predictor {

/// "all_reduce", "allreduce", "all-gather" and so on.
std::optional<collective_kind> find_collective(std::string_view name);

/// What "interconnect=" names, else the part's usual link.   @throws error: input for an unknown name.
profiles::interconnect interconnect_from(const case_parameters& parameters, const profiles::gpu_spec& gpu);

/// GPUs of a usual node of this part: 8, of Grace Blackwell 4 (72 share one NVLink domain).
int usual_node_devices(const profiles::gpu_spec& gpu);

/// Rate of a node's network where nothing names one, bit/s: that of the usual cloud node of the GPU, 400 Gbit/s a GPU
/// from Hopper on, 50 before (AWS p5 3200, p4d 400 Gbit/s a node of 8; public instance pages).
double usual_network_bits(const profiles::gpu_spec& gpu, int devices);

/// The same as `network_gbps` states it, else the usual.   @throws error: input for a rate that is none
double network_bits_from(const case_parameters& parameters, const profiles::gpu_spec& gpu, int devices);

}  // namespace gpubench::predictor
