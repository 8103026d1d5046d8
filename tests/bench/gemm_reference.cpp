// Times OpenBLAS called directly, to hold gemm_fp32 and gemm_fp64 against: gemm_reference [SIZE...]
// Run it with the OPENBLAS_CORETYPE and the number of threads that gpubench used.
#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

template <class Multiply>
double median_seconds(const Multiply& multiply) {
  multiply();
  std::vector<double> seconds;
  for (int i = 0; i < 31; ++i) {
    const auto start = std::chrono::steady_clock::now();
    multiply();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + 15, seconds.end());
  return seconds[15];
}

template <class T>
std::vector<T> random_matrix(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<T> uniform(-1, 1);
  std::vector<T> values(size * size);
  for (auto& value : values) value = uniform(generator);
  return values;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<int> sizes;
  for (int i = 1; i < argc; ++i) sizes.push_back(std::max(1, std::atoi(argv[i])));
  if (sizes.empty()) sizes = {512, 1024, 2048};
  std::printf("%s\n", openblas_get_config());
  for (const int n : sizes) {
    const auto size = static_cast<std::size_t>(n);
    const double flop = 2.0 * n * n * n;
    const auto a = random_matrix<float>(size, 1), b = random_matrix<float>(size, 2);
    auto c = a;
    const double single = median_seconds([&] {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n);
    });
    const auto da = random_matrix<double>(size, 1), db = random_matrix<double>(size, 2);
    auto dc = da;
    const double twice = median_seconds([&] {
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, da.data(), n, db.data(), n, 0, dc.data(), n);
    });
    std::printf("n=%d sgemm %.3f ms %.1f GFLOP/s, dgemm %.3f ms %.1f GFLOP/s\n", n, single * 1e3, flop / single / 1e9,
                twice * 1e3, flop / twice / 1e9);
  }
  return 0;
}
