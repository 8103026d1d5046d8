#include "kernels/chain.cuh"
#include "kernels/device_time.cuh"

namespace gpubench::kernels {

namespace {

__global__ void build_kernel(char* memory, std::uint64_t lines) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  for (std::uint64_t place = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; place < lines;
       place += stride) {
    const std::uint64_t from = chain_line(place, lines);
    const std::uint64_t to = chain_line(place + 1 < lines ? place + 1 : 0, lines);
    *reinterpret_cast<std::uint64_t*>(memory + from * chain_line_bytes) =
        __cvta_generic_to_global(memory + to * chain_line_bytes);
  }
}

__device__ std::uint64_t next(std::uint64_t at) {
  asm volatile("ld.global.u64 %0, [%1];" : "=l"(at) : "l"(at));
  return at;
}

__device__ std::uint64_t follow(std::uint64_t at, std::uint64_t loads) {
  std::uint64_t left = loads;
  for (; left >= 16; left -= 16) {
#pragma unroll
    for (int i = 0; i < 16; ++i) at = next(at);
  }
  for (; left > 0; --left) at = next(at);
  return at;
}

__global__ void chase_kernel(const char* memory, std::uint64_t start_line, std::uint64_t untimed, std::uint64_t timed,
                             chase_result* result) {
  const std::uint64_t base = __cvta_generic_to_global(memory);
  std::uint64_t at = follow(base + start_line * chain_line_bytes, untimed);
  const std::uint64_t start_ns = device_time_ns();
  const long long start_cycles = clock64();
  at = follow(at, timed);
  const long long stop_cycles = clock64();
  const std::uint64_t stop_ns = device_time_ns();
  result->cycles = static_cast<std::uint64_t>(stop_cycles - start_cycles);
  result->time_ns = stop_ns - start_ns;
  result->end_line = (at - base) / chain_line_bytes;
}

}  // namespace

void launch_chain_build(void* memory, std::uint64_t lines, cudaStream_t stream) {
  build_kernel<<<1024, 256, 0, stream>>>(static_cast<char*>(memory), lines);
}

void launch_chase(const void* memory, std::uint64_t start_line, std::uint64_t untimed, std::uint64_t timed,
                  chase_result* result, cudaStream_t stream) {
  chase_kernel<<<1, 1, 0, stream>>>(static_cast<const char*>(memory), start_line, untimed, timed, result);
}

cudaError_t prepare_chase() {
  return cudaFuncSetAttribute(chase_kernel, cudaFuncAttributePreferredSharedMemoryCarveout, cudaSharedmemCarveoutMaxL1);
}

}  // namespace gpubench::kernels
