#include "bench/host/gemm.hpp"
#include "bench/host/gemm_check.hpp"
#include "bench/host/openblas.hpp"
#include "bench/host/operands.hpp"

#include <type_traits>

namespace gpubench::bench::host {
namespace {

void multiply(const openblas_library& blas, const models::gemm& g, const float* a, const float* b, float* c) {
  const auto m = static_cast<blasint>(g.m), n = static_cast<blasint>(g.n), k = static_cast<blasint>(g.k);
  blas.sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
}

void multiply(const openblas_library& blas, const models::gemm& g, const double* a, const double* b, double* c) {
  const auto m = static_cast<blasint>(g.m), n = static_cast<blasint>(g.n), k = static_cast<blasint>(g.k);
  blas.dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
}

template <class T>
class openblas_gemm : public prepared_case {
 public:
  openblas_gemm(const models::gemm& shape, int threads)
      : blas_(openblas(threads)),
        shape_(shape),
        a_(elements(shape.m, shape.k)),
        b_(elements(shape.k, shape.n)),
        c_(elements(shape.m, shape.n)) {
    use_threads(threads);
    fill_uniform(a_.data(), a_.size(), 1);
    fill_uniform(b_.data(), b_.size(), 2);
    fill_uniform(c_.data(), c_.size(), 3);
  }

  std::chrono::duration<double, std::nano> sample() override {
    return time_of([this] { multiply(blas_, shape_, a_.data(), b_.data(), c_.data()); });
  }

  results::verification verify() override {
    return verify_product(product<T, T, T>{a_.data(), b_.data(), c_.data(), static_cast<std::size_t>(shape_.m),
                                           static_cast<std::size_t>(shape_.n), static_cast<std::size_t>(shape_.k)});
  }

 private:
  static std::size_t elements(std::int64_t rows, std::int64_t columns) {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }

  const openblas_library& blas_;
  models::gemm shape_;
  aligned_array<T> a_, b_, c_;
};

template <class T>
benchmark_definition openblas_definition() {
  constexpr bool wide = std::is_same_v<T, double>;
  const auto p = wide ? models::precision::fp64 : models::precision::fp32;
  auto definition = gemm_definition(p, std::string("Matrix product C = A*B in ") + (wide ? "double" : "single") +
                                           " precision by OpenBLAS, row-major, " + uniform_operands);
  definition.unavailable = [p](const results::parameters& values, const machine& where) -> std::optional<std::string> {
    if (const auto reason = openblas_unavailable()) return reason;
    return lacks_memory(where, gemm_bytes(values, p));
  };
  definition.prepare = [](const results::parameters& values, const machine& where) -> std::unique_ptr<prepared_case> {
    return std::make_unique<openblas_gemm<T>>(gemm_of(values), where.threads);
  };
  return definition;
}

const registration fp64_registered{openblas_definition<double>()};
const registration fp32_registered{openblas_definition<float>()};

}  // namespace
}  // namespace gpubench::bench::host
