#include "bench/host/gemm.hpp"

#include "bench/host/operands.hpp"

#include <fmt/format.h>

#include <utility>

namespace gpubench::bench::host {

models::gemm gemm_of(const results::parameters& values) {
  return {size_of(values, "m"), size_of(values, "n"), size_of(values, "k")};
}

std::vector<results::parameters> gemm_cases(suite s) {
  std::vector<models::gemm> shapes{{2048, 2048, 2048}};
  if (s != suite::quick) {
    for (const std::int64_t size : {256, 512, 1024, 4096}) shapes.push_back({size, size, size});
    for (const std::int64_t rows : {1, 8, 64, 512}) shapes.push_back({rows, 4096, 4096});
    shapes.push_back({512, 14336, 4096});
  }
  if (s == suite::full) {
    shapes.push_back({8192, 8192, 8192});
    for (const std::int64_t rows : {1, 8, 64}) shapes.push_back({rows, 14336, 4096});
    for (const std::int64_t rows : {1, 8, 64, 512}) shapes.push_back({rows, 4096, 14336});
  }
  std::vector<results::parameters> cases;
  for (const auto& g : shapes) cases.push_back({{"m", g.m}, {"n", g.n}, {"k", g.k}});
  return cases;
}

double gemm_bytes(const results::parameters& values, models::precision p) {
  return models::work_of(gemm_of(values), p).bytes;
}

benchmark_definition gemm_definition(models::precision p, std::string description) {
  benchmark_definition definition;
  definition.name = fmt::format("gemm_{}", models::to_string(p));
  definition.description = std::move(description);
  definition.backend = "host";
  definition.cases = [p](suite s, const machine& where) { return cases_with_instructions(gemm_cases(s), where, p); };
  definition.work = [p](const results::parameters& values) {
    const auto work = models::work_of(gemm_of(values), p);
    return results::work_done{work.flop, work.bytes, std::nullopt, {}};
  };
  definition.peak = benchmark_definition::peak_kind::dense;
  definition.precision = p;
  return definition;
}

}  // namespace gpubench::bench::host
