#pragma once

#include "bench/registry.hpp"
#include "models/operators.hpp"

#include <string>
#include <vector>

namespace gpubench::bench::host {

/// Shape from the parameters m, n, k: C = A*B with A m x k, B k x n, C m x n, all row-major.
models::gemm gemm_of(const results::parameters& values);

/// Square shapes and those of a language model's layers: few rows (decode) to many (prefill) times a weight matrix of a
/// 4096-wide model; a square one first.
std::vector<results::parameters> gemm_cases(suite s);

/// What all GEMM benchmarks share: parameters, work model and peak. `prepare` and `unavailable` are left open.
benchmark_definition gemm_definition(models::precision p, std::string description);

/// Bytes of the three matrices.
double gemm_bytes(const results::parameters& values, models::precision p);

}  // namespace gpubench::bench::host
