#include "kernels/arithmetic.cuh"
#include "kernels/compiled_for.cuh"
#include "kernels/digest.hpp"

namespace gpubench::kernels {

namespace {

/// One link of a chain on one register; in assembly where the compiler might find another way to the same integer, or
/// where C++ has the operation only in headers that define types of their own.
template <arithmetic_type type>
struct link;

template <>
struct link<arithmetic_type::fp64> {
  using value = double;
  static constexpr int needs = 0;
  static __device__ double load(std::uint64_t bits) { return __longlong_as_double(static_cast<long long>(bits)); }
  static __device__ std::uint64_t store(double x) { return static_cast<std::uint64_t>(__double_as_longlong(x)); }
  static __device__ double next(double x, double c, std::uint32_t) { return __fma_rn(x, x, c); }
};

template <>
struct link<arithmetic_type::fp32> {
  using value = float;
  static constexpr int needs = 0;
  static __device__ float load(std::uint64_t bits) { return __uint_as_float(static_cast<unsigned>(bits)); }
  static __device__ std::uint64_t store(float x) { return __float_as_uint(x); }
  static __device__ float next(float x, float c, std::uint32_t) { return __fmaf_rn(x, x, c); }
};

struct word_link {
  using value = std::uint32_t;
  static __device__ std::uint32_t load(std::uint64_t bits) { return static_cast<std::uint32_t>(bits); }
  static __device__ std::uint64_t store(std::uint32_t x) { return x; }
};

template <>
struct link<arithmetic_type::fp16> : word_link {
  static constexpr int needs = 700;
  static __device__ std::uint32_t next(std::uint32_t x, std::uint32_t c, std::uint32_t) {
    asm volatile("fma.rn.f16x2 %0, %0, %0, %1;" : "+r"(x) : "r"(c));
    return x;
  }
};

template <>
struct link<arithmetic_type::bf16> : word_link {
  static constexpr int needs = 800;
  static __device__ std::uint32_t next(std::uint32_t x, std::uint32_t c, std::uint32_t) {
    asm volatile("fma.rn.bf16x2 %0, %0, %0, %1;" : "+r"(x) : "r"(c));
    return x;
  }
};

template <>
struct link<arithmetic_type::int32> : word_link {
  static constexpr int needs = 0;
  static __device__ std::uint32_t next(std::uint32_t x, std::uint32_t b, std::uint32_t a) {
    asm volatile("mad.lo.u32 %0, %0, %2, %1;" : "+r"(x) : "r"(b), "r"(a));
    return x;
  }
};

/// Where the architecture lacks the instruction the kernel is empty; it is not started there.
template <arithmetic_type type>
__global__ void __launch_bounds__(arithmetic_threads)
    arithmetic_kernel(std::uint64_t* digests, [[maybe_unused]] std::uint32_t rounds) {
  using step = link<type>;
  if constexpr (compiled_for >= step::needs) {
    const int lane = static_cast<int>(threadIdx.x % 32);
    typename step::value x[arithmetic_chains];
    typename step::value c[arithmetic_chains];
    const std::uint32_t factor = chain_factor(lane);
#pragma unroll
    for (int chain = 0; chain < arithmetic_chains; ++chain) {
      x[chain] = step::load(chain_start(type, lane, chain));
      c[chain] = step::load(chain_constant(type, lane, chain));
    }
    const std::uint32_t passes = rounds * (arithmetic_steps / arithmetic_unrolled);
#pragma unroll 1
    for (std::uint32_t pass = 0; pass < passes; ++pass) {
#pragma unroll
      for (int i = 0; i < arithmetic_unrolled; ++i) {
#pragma unroll
        for (int chain = 0; chain < arithmetic_chains; ++chain) x[chain] = step::next(x[chain], c[chain], factor);
      }
    }
    std::uint64_t digest = digest_start;
#pragma unroll
    for (int chain = 0; chain < arithmetic_chains; ++chain) digest = fold(digest, step::store(x[chain]));
    digests[blockIdx.x * static_cast<std::uint64_t>(arithmetic_threads) + threadIdx.x] = digest;
  }
}

using kernel_function = void (*)(std::uint64_t*, std::uint32_t);

kernel_function kernel_of(arithmetic_type type) {
  switch (type) {
    case arithmetic_type::fp64:
      return arithmetic_kernel<arithmetic_type::fp64>;
    case arithmetic_type::fp16:
      return arithmetic_kernel<arithmetic_type::fp16>;
    case arithmetic_type::bf16:
      return arithmetic_kernel<arithmetic_type::bf16>;
    case arithmetic_type::int32:
      return arithmetic_kernel<arithmetic_type::int32>;
    default:
      return arithmetic_kernel<arithmetic_type::fp32>;
  }
}

}  // namespace

void launch_arithmetic(arithmetic_type type, std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds,
                       cudaStream_t stream) {
  kernel_of(type)<<<blocks, arithmetic_threads, 0, stream>>>(digests, rounds);
}

const void* arithmetic_kernel_of(arithmetic_type type) {
  return reinterpret_cast<const void*>(kernel_of(type));
}

}  // namespace gpubench::kernels
