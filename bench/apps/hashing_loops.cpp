#include "bench/apps/hashing_loops.hpp"

namespace gpubench::bench::apps {
namespace {

using kernels::hash_header;
using kernels::hashes_per_checksum;

template <int lanes>
GPUBENCH_INLINE std::uint64_t sha256d_checksum(const hash_header& header, std::uint32_t first) {
  using word = typename kernels::lanes_of<std::uint32_t, lanes>::type;
  word nonce{}, sevenths{}, eighths{};
  for (int lane = 0; lane < lanes; ++lane) nonce[lane] = first + static_cast<std::uint32_t>(lane);
  for (std::uint32_t done = 0; done < hashes_per_checksum; done += lanes, nonce += lanes) {
    word seventh, eighth;
    kernels::sha256d_of(header, nonce, seventh, eighth);
    sevenths += seventh;
    eighths += eighth;
  }
  std::uint32_t low = 0, high = 0;
  for (int lane = 0; lane < lanes; ++lane) {
    low += sevenths[lane];
    high += eighths[lane];
  }
  return kernels::sha256d_checksum(low, high);
}

template <int lanes>
GPUBENCH_INLINE std::uint64_t blake2b_checksum(const hash_header& header, std::uint32_t first) {
  using word = typename kernels::lanes_of<std::uint64_t, lanes>::type;
  word nonce{}, sums{};
  for (int lane = 0; lane < lanes; ++lane) nonce[lane] = first + static_cast<std::uint32_t>(lane);
  for (std::uint32_t done = 0; done < hashes_per_checksum; done += lanes, nonce += lanes) {
    word hash;
    kernels::blake2b_of(header, nonce & 0xffffffffU, hash);
    sums += hash;
  }
  std::uint64_t sum = 0;
  for (int lane = 0; lane < lanes; ++lane) sum += sums[lane];
  return sum;
}

// Not as clones of one function (GPUBENCH_VECTOR_CLONES): each set of registers wants a number of lanes of its own.
#if defined(__x86_64__) && defined(__GNUC__)
[[gnu::target("avx512f")]] std::uint64_t sha256d_avx512(const hash_header& header, std::uint32_t first) {
  return sha256d_checksum<16>(header, first);
}
[[gnu::target("avx2")]] std::uint64_t sha256d_avx2(const hash_header& header, std::uint32_t first) {
  return sha256d_checksum<8>(header, first);
}
[[gnu::target("avx512f")]] std::uint64_t blake2b_avx512(const hash_header& header, std::uint32_t first) {
  return blake2b_checksum<8>(header, first);
}
[[gnu::target("avx2")]] std::uint64_t blake2b_avx2(const hash_header& header, std::uint32_t first) {
  return blake2b_checksum<4>(header, first);
}
#endif
std::uint64_t sha256d_any(const hash_header& header, std::uint32_t first) {
  return sha256d_checksum<4>(header, first);
}
std::uint64_t blake2b_any(const hash_header& header, std::uint32_t first) {
  return blake2b_checksum<2>(header, first);
}

}  // namespace

std::vector<hashing_loop> hashing_loops_of(kernels::hash_algorithm algorithm) {
  const bool is_sha256d = algorithm == kernels::hash_algorithm::sha256d;
  std::vector<hashing_loop> loops;
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f")) loops.push_back({is_sha256d ? sha256d_avx512 : blake2b_avx512, "AVX-512", 64});
  if (__builtin_cpu_supports("avx2")) loops.push_back({is_sha256d ? sha256d_avx2 : blake2b_avx2, "AVX2", 32});
#endif
  loops.push_back({is_sha256d ? sha256d_any : blake2b_any, "128-bit vectors", 16});
  for (auto& loop : loops) loop.lanes /= is_sha256d ? 4 : 8;  // from bytes of a vector
  return loops;
}

}  // namespace gpubench::bench::apps
