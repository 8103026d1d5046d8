#include "bench/host/gemm_check.hpp"

#include "bench/host/operands.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <vector>

namespace gpubench::bench::host {
namespace {

constexpr std::uint64_t check_seed = 77;

template <class Sum, class T>
std::vector<Sum> times(const T* matrix, std::size_t rows, std::size_t columns, const std::vector<Sum>& x) {
  std::vector<Sum> y(rows);
#pragma omp parallel for schedule(static)
  for (std::size_t i = 0; i < rows; ++i) {
    Sum sum = 0;
    for (std::size_t j = 0; j < columns; ++j) sum += static_cast<Sum>(matrix[i * columns + j]) * x[j];
    y[i] = sum;
  }
  return y;
}

template <class Sum>
std::vector<Sum> random_signs(std::size_t n) {
  std::vector<Sum> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = (hash_of(check_seed, i) >> 40) % 2 == 0 ? Sum{1} : Sum{-1};
  return x;
}

template <class Sum, class T>
results::verification verify_rounded(const product<T, T, T>& p) {
  const auto x = random_signs<Sum>(p.n);
  const auto expected = times(p.a, p.m, p.k, times(p.b, p.k, p.n, x));
  const auto actual = times(p.c, p.m, p.n, x);
  const double scale = std::sqrt(static_cast<double>(p.n) * static_cast<double>(p.k)) / 3;
  double error = 0;
  for (std::size_t i = 0; i < p.m; ++i) {
    const auto difference = static_cast<double>(std::abs(actual[i] - expected[i]));
    // Written so that a NaN is the largest error of all.
    if (!(difference <= error * scale)) error = difference / scale;
    if (std::isnan(error)) error = std::numeric_limits<double>::infinity();
  }
  const double unit_roundoff = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;
  return {fmt::format("all {} entries of C through C*x = A*(B*x) with random signs x, in {} precision; relative to the "
                      "standard deviation of an entry of C*x",
                      p.m * p.n, sizeof(T) == sizeof(double) ? "extended" : "double"),
          error, 8 * unit_roundoff * std::sqrt(static_cast<double>(p.k))};
}

}  // namespace

results::verification verify_product(const product<double, double, double>& p) {
  return verify_rounded<long double>(p);
}

results::verification verify_product(const product<float, float, float>& p) {
  return verify_rounded<double>(p);
}

results::verification verify_product(const product<std::uint8_t, std::int8_t, std::int32_t>& p) {
  const auto x = random_signs<std::int64_t>(p.n);
  const auto expected = times(p.a, p.m, p.k, times(p.b, p.k, p.n, x));
  const auto actual = times(p.c, p.m, p.n, x);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < p.m; ++i) wrong += actual[i] != expected[i] ? 1 : 0;
  return {fmt::format("all {} entries of C through C*x = A*(B*x) with random signs x, in integers; rows that differ",
                      p.m * p.n),
          static_cast<double>(wrong), 0};
}

}  // namespace gpubench::bench::host
