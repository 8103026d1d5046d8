#include "kernels/copy.cuh"
#include "kernels/grid_stride.cuh"

namespace gpubench::kernels {

namespace {

/// Two blocks of the largest size fit every multiprocessor, so that a copy and one against it run at the same time.
constexpr int most_threads = 512;

template <int vectors>
__global__ void __launch_bounds__(most_threads, 2)
    copy_kernel(const uint4* source, uint4* destination, std::uint64_t count) {
  copy_share<vectors>(source, destination, count, {blockIdx.x, gridDim.x, threadIdx.x, blockDim.x});
}

__global__ void fill_words_kernel(std::uint64_t* values, std::uint64_t words, std::uint64_t lane) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < words; i += stride) {
    values[i] = copy_word(lane, i);
  }
}

__global__ void check_words_kernel(const std::uint64_t* values, std::uint64_t words, std::uint64_t lane,
                                   unsigned long long* wrong) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  unsigned long long found = 0;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < words; i += stride) {
    if (values[i] != copy_word(lane, i)) ++found;
  }
  if (found != 0) atomicAdd(wrong, found);
}

__global__ void remote_chase_kernel(std::uint64_t first, std::uint32_t loads, std::uint64_t* end) {
  *end = follow_remote_chain(first, loads);
}

}  // namespace

void launch_copy(const void* source, void* destination, std::uint64_t bytes, const launch_shape& shape,
                 cudaStream_t stream) {
  const auto kernel = shape.vectors == 4 ? copy_kernel<4> : copy_kernel<1>;
  kernel<<<shape.blocks, static_cast<unsigned>(shape.threads), 0, stream>>>(
      static_cast<const uint4*>(source), static_cast<uint4*>(destination), bytes / sizeof(uint4));
}

void launch_copy_fill(std::uint64_t* values, std::uint64_t words, std::uint64_t lane, cudaStream_t stream) {
  fill_words_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(words)), grid_stride_threads, 0, stream>>>(
      values, words, lane);
}

void launch_copy_check(const std::uint64_t* values, std::uint64_t words, std::uint64_t lane, unsigned long long* wrong,
                       cudaStream_t stream) {
  check_words_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(words)), grid_stride_threads, 0, stream>>>(
      values, words, lane, wrong);
}

void launch_remote_chase(std::uint64_t first, std::uint32_t loads, std::uint64_t* end, cudaStream_t stream) {
  remote_chase_kernel<<<1, 1, 0, stream>>>(first, loads, end);
}

}  // namespace gpubench::kernels
