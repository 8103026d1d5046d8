#include "kernels/wgmma.cuh"

#include <type_traits>

namespace gpubench::kernels {

namespace {

// clang-format off
#define GPUBENCH_WGMMA_D \
  "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15," \
  "%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31," \
  "%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47," \
  "%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63," \
  "%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79," \
  "%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95," \
  "%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111," \
  "%112,%113,%114,%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127"
// clang-format on

// The 128 accumulators as operands of one kind.
#define GPUBENCH_D4(kind, i) kind(d[i]), kind(d[(i) + 1]), kind(d[(i) + 2]), kind(d[(i) + 3])
#define GPUBENCH_D16(kind, i) \
  GPUBENCH_D4(kind, i), GPUBENCH_D4(kind, (i) + 4), GPUBENCH_D4(kind, (i) + 8), GPUBENCH_D4(kind, (i) + 12)
#define GPUBENCH_D64(kind, i) \
  GPUBENCH_D16(kind, i), GPUBENCH_D16(kind, (i) + 16), GPUBENCH_D16(kind, (i) + 32), GPUBENCH_D16(kind, (i) + 48)
#define GPUBENCH_D128(kind) GPUBENCH_D64(kind, 0), GPUBENCH_D64(kind, 64)

/// D += A B. `modifiers` are the signs of A and B and, of 16-bit types, that both lie with k innermost.
#define GPUBENCH_WGMMA(name, modifiers, kind)                                                                  \
  asm volatile("{ .reg .pred p; setp.eq.u32 p, 1, 1; wgmma.mma_async.sync.aligned." name " {" GPUBENCH_WGMMA_D \
               "}, %128, %129, p" modifiers "; }"                                                              \
               : GPUBENCH_D128(kind)                                                                           \
               : "l"(a), "l"(b))

template <tensor_type type, class D>
__device__ void multiply(D (&d)[wgmma_accumulators], std::uint64_t a, std::uint64_t b) {
  if constexpr (type == tensor_type::tf32) {
    GPUBENCH_WGMMA("m64n256k8.f32.tf32.tf32", ", 1, 1", "+f");
  } else if constexpr (type == tensor_type::fp16) {
    GPUBENCH_WGMMA("m64n256k16.f32.f16.f16", ", 1, 1, 0, 0", "+f");
  } else if constexpr (type == tensor_type::bf16) {
    GPUBENCH_WGMMA("m64n256k16.f32.bf16.bf16", ", 1, 1, 0, 0", "+f");
  } else if constexpr (type == tensor_type::int8) {
    GPUBENCH_WGMMA("m64n256k32.s32.s8.s8", "", "+r");
  } else if constexpr (type == tensor_type::e4m3) {
    GPUBENCH_WGMMA("m64n256k32.f32.e4m3.e4m3", ", 1, 1", "+f");
  } else {
    GPUBENCH_WGMMA("m64n256k32.f32.e5m2.e5m2", ", 1, 1", "+f");
  }
}

template <tensor_type type>
using accumulator = std::conditional_t<type == tensor_type::int8, int, float>;

template <tensor_type type>
__device__ std::int64_t quanta_of(accumulator<type> value) {
  if constexpr (type == tensor_type::int8) {
    return value;
  } else {
    return __float2int_rn(value * static_cast<float>(quanta_per_one(type)));
  }
}

/// Keeps the compiler from moving accumulators while the tensor cores work on them.
template <class D>
__device__ void pin(D (&d)[wgmma_accumulators]) {
#pragma unroll
  for (auto& element : d) {
    if constexpr (std::is_same_v<D, int>) {
      asm volatile("" : "+r"(element)::"memory");
    } else {
      asm volatile("" : "+f"(element)::"memory");
    }
  }
}

/// Two blocks fit a multiprocessor by registers: while one waits for its accumulators, the other computes.
template <tensor_type type>
__global__ void __launch_bounds__(wgmma_threads, 2) wgmma_kernel(std::uint64_t* digests, std::uint32_t rounds) {
  __shared__ alignas(128) unsigned char a_memory[tensor_sets * wgmma_a_bytes];
  __shared__ alignas(128) unsigned char b_memory[wgmma_b_bytes];
  const int thread = static_cast<int>(threadIdx.x);
  constexpr int words = wgmma_row_bytes / 4;
  for (int i = thread; i < tensor_sets * 64 * words; i += wgmma_threads) {
    const int set = i / (64 * words);
    const int row = i / words % 64;
    const int word = i % words;
    *reinterpret_cast<std::uint32_t*>(a_memory + set * wgmma_a_bytes + wgmma_offset(row, 4 * word)) =
        wgmma_a_word(type, set, row, word);
  }
  for (int i = thread; i < 256 * words; i += wgmma_threads) {
    *reinterpret_cast<std::uint32_t*>(b_memory + wgmma_offset(i / words, 4 * (i % words))) =
        wgmma_b_word(type, i / words, i % words);
  }
  // Ordinary stores, read next by the tensor cores.
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();

  const std::uint64_t b = wgmma_descriptor(static_cast<std::uint32_t>(__cvta_generic_to_shared(b_memory)));
  std::uint64_t a[tensor_sets];
#pragma unroll
  for (int set = 0; set < tensor_sets; ++set) {
    a[set] = wgmma_descriptor(static_cast<std::uint32_t>(__cvta_generic_to_shared(a_memory + set * wgmma_a_bytes)));
  }

  constexpr int unrolled_passes = 2;
  static_assert(tensor_passes % unrolled_passes == 0, "no pass is left over");
  std::uint64_t digest = digest_start;
#pragma unroll 1
  for (std::uint32_t round = 0; round < rounds; ++round) {
    accumulator<type> d[wgmma_accumulators];
#pragma unroll
    for (auto& element : d) {
      element = static_cast<accumulator<type>>(chain_start_quanta(0) / quanta_per_one(type));
    }
#pragma unroll 1
    for (int pass = 0; pass < tensor_passes; pass += unrolled_passes) {
      pin(d);
      asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
      for (int i = 0; i < unrolled_passes * tensor_sets; ++i) multiply<type>(d, a[i % tensor_sets], b);
      asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
      asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
      pin(d);
    }
#pragma unroll
    for (const auto& element : d) digest = fold(digest, static_cast<std::uint64_t>(quanta_of<type>(element)));
  }
  digests[blockIdx.x * static_cast<std::uint64_t>(wgmma_threads) + threadIdx.x] = digest;
}

using kernel_function = void (*)(std::uint64_t*, std::uint32_t);

/// nullptr for a type that wgmma does not have.
kernel_function kernel_of(tensor_type type) {
  switch (type) {
    case tensor_type::tf32:
      return wgmma_kernel<tensor_type::tf32>;
    case tensor_type::fp16:
      return wgmma_kernel<tensor_type::fp16>;
    case tensor_type::bf16:
      return wgmma_kernel<tensor_type::bf16>;
    case tensor_type::int8:
      return wgmma_kernel<tensor_type::int8>;
    case tensor_type::e4m3:
      return wgmma_kernel<tensor_type::e4m3>;
    case tensor_type::e5m2:
      return wgmma_kernel<tensor_type::e5m2>;
    default:
      return nullptr;
  }
}

}  // namespace

const char* wgmma_absent() {
  return nullptr;
}

void launch_wgmma(tensor_type type, std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds,
                  cudaStream_t stream) {
  if (kernel_of(type) == nullptr) return;
  kernel_of(type)<<<blocks, wgmma_threads, 0, stream>>>(digests, rounds);
}

const void* wgmma_kernel_of(tensor_type type) {
  return reinterpret_cast<const void*>(kernel_of(type));
}

}  // namespace gpubench::kernels
