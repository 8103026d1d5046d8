#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "predictor/prediction_case.hpp"
#include "predictor/vector_machine.hpp"

namespace gpubench::predictor {

/// Whether vector_case() answers it.
bool is_vector_work(const std::string& op);

/// Work that is no network's operator: grids, particles, rays, hashes.
///   op=stencil;nx;ny;nz;radius (or order = 2 radius);shape=star|box;steps     fp64, fp32, fp16, bf16 (sums in fp32)
///   op=md;atoms;neighbours;steps;rebuild_every                                fp64, fp32
///   op=path_tracing;rays;bounces; with instructions_per_ray and bytes_per_ray, or box_tests and triangle_tests;
///     coherent                                                                fp32
///   op=hash;algorithm=sha256|sha256d|sha512|blake2b|keccak256|scrypt|ethash|equihash;hashes (equihash: runs; n;k)
/// Other usual names of each are taken too. @returns nothing where `op` is none of them
/// @throws error: input naming what is missing, impossible, or the precision that the work is not done in
std::optional<case_answer> vector_case(const std::string& op, const prediction_case& what,
                                       const case_parameters& parameters, const vector_machine& on);

}  // namespace gpubench::predictor
