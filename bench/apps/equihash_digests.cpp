#include "bench/apps/equihash_digests.hpp"

namespace gpubench::bench::apps {
namespace {

using digest_block = std::uint64_t[digests_per_call][8];

template <int lanes>
GPUBENCH_INLINE void digests_by(const kernels::equihash_input& input, std::uint32_t first, digest_block& digests) {
  using word = typename kernels::lanes_of<std::uint64_t, lanes>::type;
  for (int done = 0; done < digests_per_call; done += lanes) {
    word number{}, digest[8];
    for (int lane = 0; lane < lanes; ++lane) number[lane] = first + static_cast<std::uint32_t>(done + lane);
    kernels::equihash_digest(input, number, digest);
    for (int lane = 0; lane < lanes; ++lane) {
      for (int w = 0; w < 8; ++w) digests[done + lane][w] = digest[w][lane];
    }
  }
}

#if defined(__x86_64__) && defined(__GNUC__)
[[gnu::target("avx512f")]] void digests_avx512(const kernels::equihash_input& input, std::uint32_t first,
                                               digest_block& digests) {
  digests_by<8>(input, first, digests);
}
[[gnu::target("avx2")]] void digests_avx2(const kernels::equihash_input& input, std::uint32_t first,
                                          digest_block& digests) {
  digests_by<4>(input, first, digests);
}
#endif
void digests_any(const kernels::equihash_input& input, std::uint32_t first, digest_block& digests) {
  digests_by<2>(input, first, digests);
}

using digests_function = void (*)(const kernels::equihash_input&, std::uint32_t, digest_block&);

digests_function widest() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f")) return digests_avx512;
  if (__builtin_cpu_supports("avx2")) return digests_avx2;
#endif
  return digests_any;
}

}  // namespace

void equihash_digests(const kernels::equihash_input& input, std::uint32_t first, digest_block& digests) {
  static const digests_function function = widest();
  function(input, first, digests);
}

}  // namespace gpubench::bench::apps
