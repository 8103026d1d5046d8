// Not a test: a plain OpenMP loop in the manner of STREAM, to hold stream_triad against.
//   stream_reference [MiB an array] [repetitions]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

int main(int argument_count, char** arguments) {
  const auto mebibytes = argument_count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1040;
  const auto repetitions = argument_count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 20;
  const auto elements = static_cast<long>(mebibytes * (1 << 20) / sizeof(double));
  if (elements < 1 || repetitions < 1) {
    std::fprintf(stderr, "usage: stream_reference [MiB an array] [repetitions]\n");
    return 2;
  }
  // Not value-initialised, so that the threads touch the pages first.
  const std::unique_ptr<double[]> a(new double[static_cast<std::size_t>(elements)]);
  const std::unique_ptr<double[]> b(new double[static_cast<std::size_t>(elements)]);
  const std::unique_ptr<double[]> c(new double[static_cast<std::size_t>(elements)]);
#pragma omp parallel for
  for (long i = 0; i < elements; ++i) {
    a[static_cast<std::size_t>(i)] = 1;
    b[static_cast<std::size_t>(i)] = 2;
    c[static_cast<std::size_t>(i)] = 0;
  }
  double* const x = a.get();
  const double* const y = b.get();
  const double* const z = c.get();
  std::vector<double> seconds;
  for (unsigned long long n = 0; n < repetitions; ++n) {
    const auto start = std::chrono::steady_clock::now();
#pragma omp parallel for
    for (long i = 0; i < elements; ++i) x[i] = y[i] + 3 * z[i];
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  const double bytes = 24.0 * static_cast<double>(elements);
  std::printf("triad: median %.3f GB/s, best %.3f GB/s\n", bytes / seconds[seconds.size() / 2] * 1e-9,
              bytes / seconds.front() * 1e-9);
  return x[elements / 2] == 2 ? 0 : 1;
}
