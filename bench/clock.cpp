#include "bench/clock.hpp"

#include <algorithm>
#include <cstdint>

namespace gpubench::bench {

std::chrono::nanoseconds steady_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

#if defined(__x86_64__) || defined(__aarch64__)

namespace {

/// 16 additions in one assembler statement, each needing the one before.
void add_16_in_a_chain(std::uint64_t& value) {
#if defined(__x86_64__)
#define GPUBENCH_ADD_4 "add %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\t"
  // The addend is a register: newer cores fold chains of additions of a constant before they execute.
  asm volatile(GPUBENCH_ADD_4 GPUBENCH_ADD_4 GPUBENCH_ADD_4 GPUBENCH_ADD_4
               : "+r"(value)
               : "r"(std::uint64_t{3})
               : "cc");
#else
#define GPUBENCH_ADD_4 "add %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1\n\t"
  asm volatile(GPUBENCH_ADD_4 GPUBENCH_ADD_4 GPUBENCH_ADD_4 GPUBENCH_ADD_4 : "+r"(value) : "r"(std::uint64_t{3}));
#endif
#undef GPUBENCH_ADD_4
}

}  // namespace

std::optional<double> measured_clock_hertz(int runs, int additions) {
  const int blocks = additions / 16;
  auto fastest = std::chrono::nanoseconds::max();
  std::uint64_t value = 1;
  for (int run = 0; run < runs; ++run) {
    const auto start = steady_now();
    for (int block = 0; block < blocks; ++block) add_16_in_a_chain(value);
    fastest = std::min(fastest, steady_now() - start);
  }
  return 16.0 * blocks / std::chrono::duration<double>(fastest).count();
}

#else

std::optional<double> measured_clock_hertz(int, int) {
  return std::nullopt;
}

#endif

}  // namespace gpubench::bench
