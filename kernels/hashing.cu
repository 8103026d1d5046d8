#include "kernels/hashing.cuh"

namespace gpubench::kernels {

namespace {

constexpr int block_threads = 256;
static_assert(hashes_per_checksum % block_threads == 0);

template <hash_algorithm algorithm>
__global__ void __launch_bounds__(block_threads)
    hashing_kernel(const hash_header header, unsigned long long* checksums) {
  __shared__ unsigned long long sum;
  __shared__ unsigned low, high;
  if (threadIdx.x == 0) {
    sum = 0;
    low = high = 0;
  }
  __syncthreads();
  const std::uint32_t first = blockIdx.x * hashes_per_checksum;
  if constexpr (algorithm == hash_algorithm::sha256d) {
    std::uint32_t sevenths = 0, eighths = 0;
    for (std::uint32_t i = threadIdx.x; i < hashes_per_checksum; i += block_threads) {
      std::uint32_t seventh, eighth;
      sha256d_of(header, first + i, seventh, eighth);
      sevenths += seventh;
      eighths += eighth;
    }
    atomicAdd(&low, sevenths);
    atomicAdd(&high, eighths);
  } else {
    std::uint64_t words = 0;
    for (std::uint32_t i = threadIdx.x; i < hashes_per_checksum; i += block_threads) {
      std::uint64_t word;
      blake2b_of(header, static_cast<std::uint64_t>(first + i), word);
      words += word;
    }
    atomicAdd(&sum, static_cast<unsigned long long>(words));
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    checksums[blockIdx.x] = algorithm == hash_algorithm::sha256d ? sha256d_checksum(low, high) : sum;
  }
}

}  // namespace

void launch_hashing(hash_algorithm algorithm, const hash_header& header, unsigned long long* checksums,
                    std::uint32_t runs, cudaStream_t stream) {
  if (algorithm == hash_algorithm::sha256d) {
    hashing_kernel<hash_algorithm::sha256d><<<runs, block_threads, 0, stream>>>(header, checksums);
  } else {
    hashing_kernel<hash_algorithm::blake2b><<<runs, block_threads, 0, stream>>>(header, checksums);
  }
}

}  // namespace gpubench::kernels
