#pragma once

#include "results/measurement.hpp"

#include <cstddef>
#include <cstdint>

namespace gpubench::bench::host {

/// Row-major C = A*B as it was computed; A is m x k, B is k x n.
template <class A, class B, class C>
struct product {
  const A* a = nullptr;
  const B* b = nullptr;
  const C* c = nullptr;
  std::size_t m = 0, n = 0, k = 0;
};

/// Checks every entry of C: with a random vector x of +1 and -1, C*x must be A*(B*x). Both sides are computed here, in
/// long double where C is fp64 and in double otherwise. Source: R. Freivalds, "Probabilistic machines can use less
/// running time", IFIP Congress 1977; one wrong entry in a row is always found.
///
/// The error is relative to sqrt(n*k)/3, the standard deviation of an entry of C*x for operands uniform in [-1, 1].
/// Tolerance: rounding of a sum of k such products is about u*k/4, so 8*u*sqrt(k); u is half the epsilon of C's type.
results::verification verify_product(const product<double, double, double>& p);
results::verification verify_product(const product<float, float, float>& p);
/// Exact: the error is the number of rows that differ.
results::verification verify_product(const product<std::uint8_t, std::int8_t, std::int32_t>& p);

}  // namespace gpubench::bench::host
