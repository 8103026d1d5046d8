#include "kernels/compiled_for.cuh"
#include "kernels/mma.cuh"

namespace gpubench::kernels {

// Named, because what an architecture lacks leaves some of it unused.
namespace mma_detail {

template <mma_instruction instruction>
inline constexpr mma_description described = description_of(instruction);

/// Accumulators of a type: how they start and how they are read, element by element, in quanta.
template <tensor_type type>
struct accumulators {
  using element = float;
  using factor = std::uint32_t;
  static constexpr int elements = 1;
  static __device__ float start(int quanta) { return static_cast<float>(quanta / quanta_per_one(type)); }
  static __device__ std::int64_t quanta(float value, int) {
    return __float2int_rn(value * static_cast<float>(quanta_per_one(type)));
  }
};

template <>
struct accumulators<tensor_type::int8> {
  using element = int;
  using factor = std::uint32_t;
  static constexpr int elements = 1;
  static __device__ int start(int quanta) { return quanta; }
  static __device__ std::int64_t quanta(int value, int) { return value; }
};

template <>
struct accumulators<tensor_type::fp64> {
  using element = double;
  using factor = double;
  static constexpr int elements = 1;
  static __device__ double start(int quanta) { return quanta / quanta_per_one(tensor_type::fp64); }
  static __device__ std::int64_t quanta(double value, int) {
    return __double2ll_rn(value * quanta_per_one(tensor_type::fp64));
  }
};

template <>
struct accumulators<tensor_type::fp16_sum_fp16> {
  using element = std::uint32_t;
  using factor = std::uint32_t;
  static constexpr int elements = 2;
  static __device__ std::uint32_t start(int quanta) {
    // Up to 2, which is what to_fp16 takes.
    const std::uint32_t half = to_fp16(static_cast<float>(quanta / quanta_per_one(tensor_type::fp16_sum_fp16)));
    return half | half << 16;
  }
  static __device__ std::int64_t quanta(std::uint32_t value, int which) {
    const float half = from_fp16(static_cast<std::uint16_t>(value >> (16 * which)));
    return __float2int_rn(half * static_cast<float>(quanta_per_one(tensor_type::fp16_sum_fp16)));
  }
};

}  // namespace mma_detail

namespace {

// mma.sync on fp8 comes with PTX ISA 8.4.
#if __CUDACC_VER_MAJOR__ > 12 || (__CUDACC_VER_MAJOR__ == 12 && __CUDACC_VER_MINOR__ >= 4)
constexpr bool toolkit_knows_fp8 = true;
#define GPUBENCH_FP8_MMA(text) text
#else
constexpr bool toolkit_knows_fp8 = false;
#define GPUBENCH_FP8_MMA(text) ""
#endif

// The text of one mma.sync with its operand numbers, and the operands.
#define GPUBENCH_MMA_D4_A4_B2(name) name " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
#define GPUBENCH_MMA_D4_A2_B1(name) name " {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
#define GPUBENCH_MMA_D2_A4_B2(name) name " {%0,%1}, {%2,%3,%4,%5}, {%6,%7}, {%0,%1};"
#define GPUBENCH_MMA_D2_A2_B1(name) name " {%0,%1}, {%2,%3}, {%4}, {%0,%1};"
#define GPUBENCH_MMA_D2_A1_B1(name) name " {%0,%1}, {%2}, {%3}, {%0,%1};"
#define GPUBENCH_FOUR(kind, x) kind(x[0]), kind(x[1]), kind(x[2]), kind(x[3])
#define GPUBENCH_TWO(kind, x) kind(x[0]), kind(x[1])

/// D += A B. `D` is double, float, int, or a register of two fp16.
template <mma_instruction instruction, class D, class F, int d_count, int a_count, int b_count>
__device__ void multiply(D (&d)[d_count], const F (&a)[a_count], const F (&b)[b_count]) {
  if constexpr (instruction == mma_instruction::fp64_m8n8k4) {
    asm volatile(GPUBENCH_MMA_D2_A1_B1("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64")
                 : GPUBENCH_TWO("+d", d)
                 : "d"(a[0]), "d"(b[0]));
  } else if constexpr (instruction == mma_instruction::fp64_m16n8k16) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f64.f64.f64.f64 {%0,%1,%2,%3}, {%4,%5,%6,%7,%8,%9,%10,%11}, "
        "{%12,%13,%14,%15}, {%0,%1,%2,%3};"
        : GPUBENCH_FOUR("+d", d)
        : GPUBENCH_FOUR("d", a), "d"(a[4]), "d"(a[5]), "d"(a[6]), "d"(a[7]), GPUBENCH_FOUR("d", b));
  } else if constexpr (instruction == mma_instruction::tf32_m16n8k8) {
    asm volatile(GPUBENCH_MMA_D4_A4_B2("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32")
                 : GPUBENCH_FOUR("+f", d)
                 : GPUBENCH_FOUR("r", a), GPUBENCH_TWO("r", b));
  } else if constexpr (instruction == mma_instruction::fp16_m16n8k8) {
    asm volatile(GPUBENCH_MMA_D4_A2_B1("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32")
                 : GPUBENCH_FOUR("+f", d)
                 : GPUBENCH_TWO("r", a), "r"(b[0]));
  } else if constexpr (instruction == mma_instruction::fp16_m16n8k16) {
    asm volatile(GPUBENCH_MMA_D4_A4_B2("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32")
                 : GPUBENCH_FOUR("+f", d)
                 : GPUBENCH_FOUR("r", a), GPUBENCH_TWO("r", b));
  } else if constexpr (instruction == mma_instruction::fp16_sum_fp16_m16n8k8) {
    asm volatile(GPUBENCH_MMA_D2_A2_B1("mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16")
                 : GPUBENCH_TWO("+r", d)
                 : GPUBENCH_TWO("r", a), "r"(b[0]));
  } else if constexpr (instruction == mma_instruction::fp16_sum_fp16_m16n8k16) {
    asm volatile(GPUBENCH_MMA_D2_A4_B2("mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16")
                 : GPUBENCH_TWO("+r", d)
                 : GPUBENCH_FOUR("r", a), GPUBENCH_TWO("r", b));
  } else if constexpr (instruction == mma_instruction::bf16_m16n8k16) {
    asm volatile(GPUBENCH_MMA_D4_A4_B2("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32")
                 : GPUBENCH_FOUR("+f", d)
                 : GPUBENCH_FOUR("r", a), GPUBENCH_TWO("r", b));
  } else if constexpr (instruction == mma_instruction::int8_m8n8k16) {
    asm volatile(GPUBENCH_MMA_D2_A1_B1("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32")
                 : GPUBENCH_TWO("+r", d)
                 : "r"(a[0]), "r"(b[0]));
  } else if constexpr (instruction == mma_instruction::int8_m16n8k32) {
    asm volatile(GPUBENCH_MMA_D4_A4_B2("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32")
                 : GPUBENCH_FOUR("+r", d)
                 : GPUBENCH_FOUR("r", a), GPUBENCH_TWO("r", b));
  } else if constexpr (instruction == mma_instruction::e4m3_m16n8k32) {
    asm volatile(GPUBENCH_FP8_MMA(GPUBENCH_MMA_D4_A4_B2("mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32"))
                 : GPUBENCH_FOUR("+f", d)
                 : GPUBENCH_FOUR("r", a), GPUBENCH_TWO("r", b));
  } else {
    asm volatile(GPUBENCH_FP8_MMA(GPUBENCH_MMA_D4_A4_B2("mma.sync.aligned.m16n8k32.row.col.f32.e5m2.e5m2.f32"))
                 : GPUBENCH_FOUR("+f", d)
                 : GPUBENCH_FOUR("r", a), GPUBENCH_TWO("r", b));
  }
}

template <class Factor>
__device__ Factor factor_of(std::uint64_t bits) {
  if constexpr (sizeof(Factor) == sizeof bits) {
    return __longlong_as_double(static_cast<long long>(bits));
  } else {
    return static_cast<Factor>(bits);
  }
}

/// Where the architecture or the toolkit lacks the instruction the kernel is empty; it is not started there.
template <mma_instruction instruction>
__global__ void __launch_bounds__(mma_threads)
    mma_kernel(std::uint64_t* digests, [[maybe_unused]] std::uint32_t rounds) {
  if constexpr (compiled_for >= mma_detail::described<instruction>.capability) {
    constexpr tensor_type type = mma_detail::described<instruction>.type;
    constexpr tensor_shape shape = mma_detail::described<instruction>.shape;
    constexpr int a_count = a_registers(type, shape);
    constexpr int b_count = b_registers(type, shape);
    constexpr int d_count = d_elements(shape);
    using sums = mma_detail::accumulators<type>;
    const int lane = static_cast<int>(threadIdx.x % 32);
    typename sums::factor a[tensor_sets][a_count];
    typename sums::factor b[b_count];
#pragma unroll
    for (int i = 0; i < b_count; ++i) b[i] = factor_of<typename sums::factor>(b_register(type, lane, i));
#pragma unroll
    for (int set = 0; set < tensor_sets; ++set) {
#pragma unroll
      for (int i = 0; i < a_count; ++i)
        a[set][i] = factor_of<typename sums::factor>(a_register(type, shape, set, lane, i));
    }
    std::uint64_t digest = digest_start;
#pragma unroll 1
    for (std::uint32_t round = 0; round < rounds; ++round) {
      typename sums::element d[mma_chains][d_count / sums::elements];
#pragma unroll
      for (int chain = 0; chain < mma_chains; ++chain) {
#pragma unroll
        for (auto& element : d[chain]) element = sums::start(chain_start_quanta(chain));
      }
#pragma unroll 1
      for (int pass = 0; pass < tensor_passes; ++pass) {
#pragma unroll
        for (int i = 0; i < tensor_sets; ++i) {
          // Neighbours take different sets, so that operands change from one instruction to the next.
#pragma unroll
          for (int chain = 0; chain < mma_chains; ++chain) {
            multiply<instruction>(d[chain], a[(i + chain) % tensor_sets], b);
          }
        }
      }
#pragma unroll
      for (int chain = 0; chain < mma_chains; ++chain) {
#pragma unroll
        for (int i = 0; i < d_count; ++i) {
          digest =
              fold(digest, static_cast<std::uint64_t>(sums::quanta(d[chain][i / sums::elements], i % sums::elements)));
        }
      }
    }
    digests[blockIdx.x * static_cast<std::uint64_t>(mma_threads) + threadIdx.x] = digest;
  }
}

using kernel_function = void (*)(std::uint64_t*, std::uint32_t);

template <int... numbers>
kernel_function kernel_of(mma_instruction instruction) {
  static constexpr kernel_function all[] = {mma_kernel<static_cast<mma_instruction>(numbers)>...};
  return all[static_cast<int>(instruction)];
}

kernel_function kernel_of(mma_instruction instruction) {
  return kernel_of<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11>(instruction);
}

}  // namespace

void launch_mma(mma_instruction instruction, std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds,
                cudaStream_t stream) {
  kernel_of(instruction)<<<blocks, mma_threads, 0, stream>>>(digests, rounds);
}

const void* mma_kernel_of(mma_instruction instruction) {
  const tensor_type type = description_of(instruction).type;
  const bool fp8 = type == tensor_type::e4m3 || type == tensor_type::e5m2;
  if (fp8 && !toolkit_knows_fp8) return nullptr;
  return reinterpret_cast<const void*>(kernel_of(instruction));
}

}  // namespace gpubench::kernels
